"""What the fences of the lessons look like: what is typed, what comes, what is red."""

from pygments.lexer import RegexLexer, bygroups, using
from pygments.lexers.python import PythonLexer
from pygments.lexers.shell import BashLexer
from pygments.token import Comment, Generic, Keyword, Name, Text


class TerminalLexer(RegexLexer):
    """A terminal: prompts, what is typed behind them, output."""

    name = "terminal"
    tokens = {
        "root": [
            (r"(\$ )(.*\n?)", bygroups(Generic.Prompt, using(BashLexer))),
            (r"(>>> )(.*\n?)", bygroups(Generic.Prompt, using(PythonLexer))),
            (r"([\w.]+:\d+> )(.*\n?)", bygroups(Generic.Prompt, Name)),
            (r"\^C\n?", Keyword),
            (r"\.\.\.\n?", Comment),
            (r".+\n?|\n", Generic.Output),
        ]
    }


class ExchangeLexer(RegexLexer):
    """A browser: up to the first empty line what a person does, then what is to be seen."""

    name = "exchange"
    tokens = {
        "root": [
            (r"(GET|POST)( )(\S+)(.*\n?)", bygroups(Keyword, Text, Name.Tag, Comment)),
            (r"(> )(.*\n?)", bygroups(Generic.Prompt, Name)),
            (r"\(.*\)\n?", Keyword),
            (r"https?://\S*\n?", Name.Tag),
            (r"([\w-]+)(: ?)(.*\n?)", bygroups(Name.Attribute, Text, Text)),
            (r"\n", Text, "answer"),
            (r".+\n?", Generic.Output),
        ],
        "answer": [(r"\.\.\.\n?", Comment), (r".+\n?|\n", Generic.Output)],
    }


class PromisesLexer(RegexLexer):
    """Promises: the mark, and the sentence."""

    name = "promises"
    tokens = {"root": [(r"✗ ", Generic.Error), (r".+\n?|\n", Text)]}


LEXERS = (TerminalLexer, ExchangeLexer, PromisesLexer)
