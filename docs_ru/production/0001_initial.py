import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=320, verbose_name='кому')),
                ('message', models.TextField(verbose_name='отзыв')),
                ('created', models.DateTimeField(auto_now_add=True, verbose_name='когда')),
                ('state', models.CharField(default='PENDING', max_length=7, verbose_name='письмо')),
                ('next_try', models.DateTimeField(default=django.utils.timezone.now, null=True, verbose_name='можно взять')),
            ],
        ),
    ]
