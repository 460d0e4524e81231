"""What a lesson says, apart from what runs it."""
