from __future__ import annotations

import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from openai_core import logs
from openai_core.logs import hide, is_secret, known_secrets, logger, redacted, secret_spans, without_secrets
from openai_core.model import ApiModel

SECRET = "hunter2hunter2"
NAMES = [
    "Authorization",
    "authorization",
    "api-key",
    "api_key",
    "X-Api-Key",
    "OPENAI_API_KEY",
    "client_secret",
    "token",
    "access_token",
    "Cookie",
    "Set-Cookie",
    "password",
    "credentials",
]
PREFIXES = ["sk-", "Bearer ", "bearer: Bearer ", "ek_", "whsec_", "a sentence with sk-"]
ALPHABET = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", min_size=16, max_size=60)


class Own(BaseModel):
    api_key: str
    note: str = ""


class Answer(ApiModel):
    id: str


@dataclass(slots=True)
class Settings:
    password: str


def test_the_library_logs_under_its_own_name_and_adds_no_handler():
    assert logger() is logging.getLogger("openai_core")
    assert logger().handlers == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_called_a_secret_is_not_shown(name):
    assert redacted({name: SECRET}) == {name: "***"}
    assert SECRET not in repr(redacted([{"deep": {"inside": {name: SECRET}}}]))


@pytest.mark.parametrize("prefix", PREFIXES)
@given(secret=ALPHABET)
def test_what_looks_like_a_secret_is_not_shown_wherever_it_stands(prefix, secret):
    for value in (prefix + secret, [prefix + secret], {"text": prefix + secret}, ("name", prefix + secret)):
        assert secret not in repr(redacted(value))


@pytest.mark.parametrize(
    "value",
    [
        Own(api_key=SECRET),
        Own(api_key="x", note=f"sk-{SECRET}"),
        Answer.model_validate({"id": "x", "client_secret": SECRET}),
        Settings(SECRET),
        {f"sk-{SECRET}"},
        frozenset({f"Bearer {SECRET}"}),
        Path(f"/tmp/sk-{SECRET}"),
        type(f"sk-{SECRET}", (), {}),
        type(f"sk-{SECRET}", (Answer,), {}),
        ValueError(f"wrong key sk-{SECRET}"),
    ],
)
def test_objects_hide_what_mappings_hide(value):
    assert SECRET not in repr(redacted(value))
    assert SECRET not in repr(redacted({"in": [value]}))


@pytest.mark.parametrize("name", ["max_tokens", "total_tokens", "model", "content", "task"])
def test_ordinary_fields_are_shown(name):
    assert redacted({name: "value"}) == {name: "value"}


@pytest.mark.parametrize("value", ["plain", 3, 2.5, True, None, "a task-force", "risk-free and disk-based"])
def test_ordinary_values_are_shown(value):
    assert redacted(value) == value


def test_long_things_are_shortened():
    assert redacted("x" * 1000) == "x" * 200 + "… (1000 characters)"
    assert redacted(b"x" * 1000) == "<1000 bytes>"
    assert redacted(list(range(100))) == [0, 1, 2, 3, 4, 5, "… 94 more"]


def test_the_value_itself_is_left_alone():
    value = {"api_key": SECRET, "deep": [{"token": SECRET}]}
    redacted(value)
    assert value == {"api_key": SECRET, "deep": [{"token": SECRET}]}


def test_a_program_that_has_not_imported_logging_sees_warnings_alone():
    code = (
        "import sys; from openai_core import logs; logs.debug('a step'); logs.info('a fact'); "
        "assert 'logging' not in sys.modules; logs.warning('a %s', 'loss')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "a loss\n"


def test_a_record_says_who_has_written_it(caplog):
    with caplog.at_level(logging.DEBUG, "openai_core"):
        logs.debug("a %s", "step")
        logs.info("a fact")
        logs.warning("a loss")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("DEBUG", "a step"),
        ("INFO", "a fact"),
        ("WARNING", "a loss"),
    ]
    assert {record.filename for record in caplog.records} == {"test_logs.py"}


class TestShown:
    """What `OPENAI_LOG` does in a program of its own: what that writes to the log, and what it prints."""

    @staticmethod
    def said(code, level):
        before = "import logging\nfrom openai_core import Client, logs\nlog = logging.getLogger('openai_core')\n"
        environment = os.environ | {"OPENAI_LOG": level}
        command = [sys.executable, "-c", before + code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.split(), done.stderr

    @pytest.mark.parametrize(("said", "level"), [("debug", "DEBUG"), ("INFO", "INFO"), ("error", "ERROR")])
    def test_the_environment_has_the_log_shown(self, said, level):
        printed, shown = self.said(
            "Client(api_key='k'); Client(api_key='k'); log.error('hello'); print(logging.getLevelName(log.level))", said
        )
        assert printed == [level]
        assert shown.count("hello") == 1
        assert "openai_core ERROR" in shown

    @pytest.mark.parametrize(
        "theirs",
        [
            "Client(api_key='k'); logging.basicConfig(format='mine %(message)s', stream=sys.stdout)",
            "logging.basicConfig(format='mine %(message)s', stream=sys.stdout); Client(api_key='k')",
            "Client(api_key='k'); log.addHandler(logging.NullHandler()); print('mine', 'hello')",
            "log.addHandler(logging.NullHandler()); Client(api_key='k'); print('mine', 'hello')",
        ],
    )
    def test_where_the_program_shows_it_that_is_where_it_is(self, theirs):
        assert self.said(f"import sys; {theirs}; logs.debug('hello')", "debug") == (["mine", "hello"], "")

    def test_a_level_that_the_program_has_set_stays(self):
        code = "log.setLevel('WARNING'); Client(api_key='k'); logs.info('a fact'); logs.warning('a loss')"
        _, shown = self.said(code, "debug")
        assert "a loss" in shown
        assert "a fact" not in shown

    def test_what_is_no_level_is_told_once(self):
        _, shown = self.said("Client(api_key='k'); Client(api_key='k'); logs.info('a fact')", "loud")
        assert shown == "loud is no level that OPENAI_LOG can be: debug and info are\n"


class TestWhatWasSent:
    """A key that looks like nothing is hidden as well, once it was sent as one."""

    KEY = "n0tAtAllLikeAKey"

    def test_it_is_not_shown(self):
        hide(f"Basic {self.KEY}")
        assert without_secrets(f"wrong key {self.KEY}!") == "wrong key ***!"
        assert redacted({"text": f"it was {self.KEY}"}) == {"text": "it was ***"}
        assert self.KEY in known_secrets()

    def test_a_cookie_is_known_by_its_parts(self):
        hide("session=abcdefghijk; path=/")
        assert without_secrets("abcdefghijk at /") == "*** at /"

    def test_what_is_short_may_be_a_word(self):
        hide("ollama")
        assert without_secrets("ollama is fine") == "ollama is fine"

    def test_the_last_ones_are_remembered(self):
        hide("first-of-many-keys")
        for number in range(300):
            hide(f"renewed-token-{number:04}")
        assert "first-of-many-keys" not in known_secrets()
        assert "renewed-token-0299" in known_secrets()
        hide("first-of-many-keys")
        assert "first-of-many-keys" in known_secrets()


@pytest.mark.parametrize("name", ["Authorization", "X-Auth", "api_key", "X-API-Key", "client_secret", "Cookie"])
def test_names_of_secrets_are_known(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["author", "authors", "author_name", "api_key_id", "max_tokens", "value"])
def test_other_names_aren_t(name):
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("of sk-proj-abcd, ek_abcd", "of sk-***, ek_***"),
        ("https://me:pass@a.org/v1?n=1&api_key=abc#x", "https://me:***@a.org/v1?n=1&api_key=***#x"),
        ("https://a.org:8080/x@y", "https://a.org:8080/x@y"),
        ("a=1&b=2", "a=1&b=2"),
    ],
)
def test_texts_are_shown_without_secrets(text, shown):
    assert without_secrets(text) == shown


def test_what_is_known_is_one_span_with_what_looks_like_one():
    assert secret_spans("is sk-abcd-efgh!", ["sk-abcd-efgh", "abcd-efgh!"]) == [(6, 16)]
