"""What the pages say: every text of the interface's sources, the templates, the rooms' Python and the names.

    .venv/bin/python -m tests.unit.web.spoken

brings the catalogues in order: a text that a catalogue lacks is added (empty), one that nothing says goes. What a
machine wrote is a draft (``#, fuzzy``); whoever speaks the language takes the mark away when the text is good.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.catalog import Message
from babel.plural import to_gettext
from jinja2 import Environment, nodes

from madang.web import names, pages
from madang.web.language import LANGUAGES
from madang.web.words import LOCALE, catalogue, plural_forms

ROOT = Path(__file__).parents[3]
WEB = ROOT / "src/madang/web"
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_SCRIPT_SAYS = re.compile(rf"\b(?:say|word)\(\s*{_TEXT}")
_SCRIPT_COUNTS = re.compile(rf"\bcounted\(\s*{_TEXT}\s*,\s*{_TEXT}")
_SAYING = ("say", "word", "counted")

Spoken = dict[str, str | None]
"""Each message, and its English plural where it is counted."""


def messages() -> Spoken:
    """Every text that the pages say."""
    found: Spoken = {}
    for source in (ROOT / "frontend/src").rglob("*.ts*"):
        text = source.read_text("utf-8")
        found |= {_unescaped(message): None for message in _SCRIPT_SAYS.findall(text)}
        found |= {_unescaped(one): _unescaped(many) for one, many in _SCRIPT_COUNTS.findall(text)}
    for template in (WEB / "templates").rglob("*.html"):
        found |= _in_template(template)
    for source in WEB.rglob("*.py"):
        found |= dict(_in_python(source))
    found |= {
        text: None
        for name, group in vars(names).items()
        if name.isupper() and isinstance(group, dict)
        for text in _texts(group)
    }
    return found | {name: None for _, name in pages.NAVIGATION}


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"')


def _texts(group: dict[Any, Any]) -> list[str]:
    """The texts that the words of the data, or statuses of HTTP, are called by."""
    found = [text for value in group.values() for text in (value if isinstance(value, tuple) else (value,))]
    return [text for text in found if isinstance(text, str) and text]


def _in_template(template: Path) -> Spoken:
    found: Spoken = {}
    for call in Environment().parse(template.read_text("utf-8")).find_all(nodes.Call):
        name = call.node.attr if isinstance(call.node, nodes.Getattr) else getattr(call.node, "name", "")
        said = [one.value for one in call.args if isinstance(one, nodes.Const) and isinstance(one.value, str)]
        if name in _SAYING and said and isinstance(call.args[0], nodes.Const):
            found[said[0]] = said[1] if name == "counted" else None
    return found


def _in_python(source: Path) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(ast.parse(source.read_text("utf-8"))):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        said = [each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        if name in _SAYING and said and isinstance(node.args[0], ast.Constant):
            yield said[0], said[1] if name == "counted" else None


def write(language: str, known: dict[str, Message]) -> None:
    """The catalogue with every text, in order; a translation of `known` is kept with its marks."""
    forms = len(plural_forms(language))
    lines = [
        f"# The pages of Madang in {Locale.parse(language).english_name}.",
        "# What is marked fuzzy is a machine's draft that no speaker of the language has read yet.",
        'msgid ""\nmsgstr ""',
        f'"Language: {language}\\n"',
        '"Content-Type: text/plain; charset=utf-8\\n"',
        f'"Plural-Forms: {to_gettext(Locale.parse(language).plural_form)}\\n"\n',
    ]
    for one, many in sorted(messages().items()):
        message = known.get(one)
        strings = [""] * forms if message is None else _strings(message)
        lines += ["#, fuzzy"] if message is not None and message.fuzzy else []
        lines += [f"msgid {_quoted(one)}"] + ([] if many is None else [f"msgid_plural {_quoted(many)}"])
        if many is None:
            lines += [f"msgstr {_quoted(strings[0])}\n"]
        else:
            strings = strings if len(strings) == forms else [strings[0]] * forms
            lines += [f"msgstr[{index}] {_quoted(string)}" for index, string in enumerate(strings)] + [""]
    target = LOCALE / language / "page.po"
    target.parent.mkdir(exist_ok=True)
    target.write_text("\n".join(lines).rstrip("\n") + "\n", "utf-8")


def _strings(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or [""])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def key(message: Message) -> str:
    """The English text that a catalogue's message is found by: of a counted one the singular."""
    return str(message.id if isinstance(message.id, str) else message.id[0])


def main() -> None:
    for language in list(LANGUAGES)[1:]:
        write(language, {key(message): message for message in catalogue(language) if message.id})


if __name__ == "__main__":
    main()
