from __future__ import annotations

import base64
import hashlib
import hmac
import json
import pickle
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openai_core import AsyncClient, Client, ConfigurationError, OpenAIError
from openai_core_webhooks import InvalidWebhookSignatureError, sign, unwrap, verify

KEY = b"a key of some length"
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
BODY = b'{"id": "evt_1", "object": "event"}'
NOW = 1_750_000_000


def headers(**changes: str | None) -> dict[str, str]:
    """Those of the body, some of them changed or left out."""
    signed = sign(BODY, secret=SECRET, id="wh_1", timestamp=NOW)
    changed = {**signed, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return {name: value for name, value in changed.items() if value is not None}


def check(payload: bytes | str = BODY, given_headers=None, **options) -> None:
    verify(payload, headers() if given_headers is None else given_headers, **{"secret": SECRET, "now": NOW, **options})


class TestSigned:
    def test_it_is_signed_as_the_standard_says(self):
        """Reckoned here by hand, over id, time and body."""
        digest = hmac.new(KEY, f"wh_1.{NOW}.".encode() + BODY, hashlib.sha256).digest()
        assert headers() == {
            "webhook-id": "wh_1",
            "webhook-timestamp": str(NOW),
            "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
        }
        check()

    def test_an_example_of_the_standard_is_valid(self):
        """From the standard's own reference tests: secret, id, time, body and signature."""
        verify(
            '{"test": 2432232314}',
            {
                "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp": "1614265330",
                "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            },
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            now=1614265330,
        )

    def test_the_official_library_signs_and_checks_alike(self):
        openai = pytest.importorskip("openai")
        client = openai.OpenAI(api_key="x", webhook_secret=SECRET)
        client.webhooks.verify_signature(BODY.decode(), sign(BODY, secret=SECRET))

    @pytest.mark.parametrize("change", [str.upper, str.title, lambda name: name])
    def test_headers_are_found_in_any_case(self, change):
        check(given_headers={change(name): value for name, value in headers().items()})

    def test_text_and_bytes_are_the_same(self):
        check(BODY.decode())
        check(bytearray(BODY))

    def test_one_of_several_signatures_is_enough(self):
        """While a secret is replaced, the API signs with the old one and the new one."""
        good = headers()["webhook-signature"]
        other = sign(BODY, secret="another", id="wh_1", timestamp=NOW)["webhook-signature"]
        check(given_headers=headers(webhook_signature=f"{other} v1a,xyz {good}"))

    def test_a_secret_that_is_no_base64_is_taken_as_it_is(self):
        plain = "no base64, but a secret"
        verify(BODY, sign(BODY, secret=plain, timestamp=NOW), secret=plain, now=NOW)

    def test_the_secret_may_come_from_the_environment(self, monkeypatch):
        monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", f" {SECRET}\n")
        check(secret=None)

    def test_without_a_clock_of_the_caller_the_real_one_counts(self):
        verify(BODY, sign(BODY, secret=SECRET), secret=SECRET)
        with pytest.raises(InvalidWebhookSignatureError, match="somebody repeats an old one"):
            verify(BODY, headers(), secret=SECRET)

    @pytest.mark.parametrize("kind", [Client, AsyncClient])
    def test_a_client_of_either_colour_checks_at_once(self, kind):
        client = kind(api_key="x", base_url="http://127.0.0.1:9/v1")
        assert client.webhooks.verify(BODY, headers(), secret=SECRET, now=NOW) is None
        with pytest.raises(InvalidWebhookSignatureError):
            client.webhooks.verify(b"{}", headers(), secret=SECRET, now=NOW)

    def test_headers_may_be_pairs_of_bytes_as_asgi_has_them(self):
        headers = sign(b"{}", secret="whsec_c2VjcmV0")
        pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
        verify(b"{}", pairs, secret="whsec_c2VjcmV0")

    def test_every_delivery_has_a_name_of_its_own(self, monkeypatch):
        monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", "whsec_c2VjcmV0")
        assert sign(b"{}")["webhook-id"] != sign(b"{}")["webhook-id"]
        assert sign(b"{}", id="wh_1")["webhook-id"] == "wh_1"


class TestRefused:
    def test_a_body_that_was_read_already_is_told_of(self):
        with pytest.raises(TypeError, match="the body as it came, bytes or str, and not a dict"):
            verify({"a": 1}, sign(b"{}", secret="whsec_c2VjcmV0"), secret="whsec_c2VjcmV0")

    @pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"1", b"2")])
    def test_another_body(self, body):
        with pytest.raises(InvalidWebhookSignatureError, match="no signature of the webhook fits its body"):
            check(body)

    @pytest.mark.parametrize("changed", [{"webhook_id": "wh_2"}, {"webhook_timestamp": str(NOW + 1)}])
    def test_another_id_or_time(self, changed):
        with pytest.raises(InvalidWebhookSignatureError, match="no signature"):
            check(given_headers=headers(**changed))

    def test_another_secret(self):
        with pytest.raises(InvalidWebhookSignatureError, match="no signature"):
            check(secret="whsec_YW5vdGhlciBzZWNyZXQ=")

    @pytest.mark.parametrize("signature", ["v1", "v1,", "v1,é", "v2,", ",", "  ", "\ud800"])
    def test_what_is_no_signature(self, signature):
        with pytest.raises(InvalidWebhookSignatureError):
            check(given_headers=headers(webhook_signature=signature))

    def test_a_signature_without_its_version(self):
        with pytest.raises(InvalidWebhookSignatureError):
            check(given_headers=headers(webhook_signature=headers()["webhook-signature"].removeprefix("v1,")))

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_a_missing_header_is_named(self, name):
        without = {other: value for other, value in headers().items() if other != name}
        with pytest.raises(InvalidWebhookSignatureError, match=f"lacks the header {name}:"):
            check(given_headers=without)
        with pytest.raises(InvalidWebhookSignatureError, match=f"lacks the header {name}:"):
            check(given_headers={**without, name: ""})

    @pytest.mark.parametrize(
        ("seconds", "message"), [(301, "was sent 301 s ago, more than the tolerance of 300 s"), (-301, "301 s in the")]
    )
    def test_too_old_and_too_new(self, seconds, message):
        with pytest.raises(InvalidWebhookSignatureError, match=message):
            check(now=NOW + seconds)
        check(now=NOW + seconds, tolerance=301)

    @pytest.mark.parametrize("seconds", [-300, 300])
    def test_the_tolerance_itself_is_in_time(self, seconds):
        check(now=NOW + seconds)

    @pytest.mark.parametrize("time", ["soon", "1e9", "-5", "+5", "1.5", " 5", "٣", "9" * 5000])
    def test_a_time_that_is_none(self, time):
        """Signed by the right secret all the same."""
        content = f"wh_1.{time}.".encode() + BODY
        signature = base64.b64encode(hmac.digest(KEY, content, "sha256")).decode()
        signed = headers(webhook_timestamp=time, webhook_signature=f"v1,{signature}")
        with pytest.raises(InvalidWebhookSignatureError, match="no number of seconds"):
            check(given_headers=signed)

    @pytest.mark.parametrize("secret", ["", " \n", "whsec_", "whsec_***", "whsec_a", "whsec_é"])
    def test_what_is_no_secret_is_a_matter_of_configuration(self, secret, monkeypatch):
        monkeypatch.delenv("OPENAI_WEBHOOK_SECRET", raising=False)
        with pytest.raises(ConfigurationError, match="webhook secret"):
            check(secret=secret)
        with pytest.raises(ConfigurationError, match="webhook secret"):
            sign(BODY, secret=secret)

    def test_no_secret_at_all_names_the_variable(self, monkeypatch):
        monkeypatch.delenv("OPENAI_WEBHOOK_SECRET", raising=False)
        with pytest.raises(ConfigurationError, match="set OPENAI_WEBHOOK_SECRET in the environment or pass secret="):
            check(secret=None)

    def test_no_error_shows_the_secret(self):
        for wrong in (SECRET.replace("=", "!"), SECRET):
            with pytest.raises(OpenAIError) as caught:
                check(b"other", secret=wrong)
            shown = f"{caught.value!r} {caught.value} {caught.value.__context__!r} {caught.value.__cause__!r}"
            assert SECRET[6:-2] not in shown
            assert KEY.decode() not in shown

    def test_the_error_is_a_value_error_and_can_be_pickled(self):
        with pytest.raises(ValueError, match="no signature") as caught:
            check(b"")
        same = pickle.loads(pickle.dumps(caught.value))
        assert (type(same), str(same)) == (InvalidWebhookSignatureError, str(caught.value))


TEXTS = st.text(st.characters(), max_size=40)
NAMES = st.sampled_from(["webhook-id", "Webhook-Timestamp", "WEBHOOK-SIGNATURE", "other"]) | TEXTS
TIMES = st.integers(0, 10**20).map(str)


@given(
    st.binary(max_size=60) | TEXTS,
    st.dictionaries(NAMES, TEXTS | TIMES | st.just("v1,") | st.binary(max_size=8), max_size=6),
    st.none() | TEXTS,
    st.floats(),
)
def test_whatever_comes_only_this_library_s_errors_leave(payload, given_headers, secret, now):
    with pytest.raises(OpenAIError):
        unwrap(payload, given_headers, secret=secret, now=now)


@given(st.binary(max_size=100) | TEXTS, TEXTS.filter(bool), st.integers(0, 10**12))
def test_what_is_signed_is_valid_and_no_bit_of_it_may_change(payload, id_, now):
    signed = sign(payload, secret=SECRET, id=id_, timestamp=now)
    verify(payload, signed, secret=SECRET, now=now)
    content = payload.encode(errors="surrogatepass") if isinstance(payload, str) else payload
    for changed in (content + b"\0", content[:-1] if content else b"x", bytes([byte ^ 1 for byte in content]) or b"x"):
        with pytest.raises(InvalidWebhookSignatureError):
            verify(changed, signed, secret=SECRET, now=now)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.just("type"), inner, max_size=4),
)
EVENTS = st.fixed_dictionaries(
    {"type": st.sampled_from(["batch.completed", "live.call.incoming", "new.thing"]) | JSON},
    optional={"id": JSON, "data": JSON, "created_at": JSON, "object": JSON},
)


@given(st.binary(max_size=60) | TEXTS | (EVENTS | JSON).map(json.dumps))
def test_a_signed_body_of_any_kind_is_an_event_or_an_error_of_this_library(payload):
    try:
        event = unwrap(payload, sign(payload, secret=SECRET, timestamp=NOW), secret=SECRET, now=NOW)
    except OpenAIError:
        return
    assert isinstance(event.to_dict(), dict)


def test_checking_needs_neither_httpx_nor_pydantic():
    code = (
        "import sys, openai_core_webhooks as webhooks\n"
        "signed = webhooks.sign(b'{}', secret='s')\n"
        "webhooks.verify(b'{}', signed, secret='s')\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {name.partition(".")[0] for name in loaded} & {
        "httpx",
        "httpcore",
        "pydantic",
        "pydantic_core",
        "pluggy",
    }


def test_reading_an_event_needs_no_httpx():
    body = '{"type": "new.thing"}'
    code = (
        "import sys, openai_core_webhooks as webhooks\n"
        f"event = webhooks.unwrap({body!r}, webhooks.sign({body!r}, secret='s'), secret='s')\n"
        "assert event.type == 'new.thing'\n"
        "print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {name.partition(".")[0] for name in loaded} & {"httpx", "httpcore", "pluggy"}
