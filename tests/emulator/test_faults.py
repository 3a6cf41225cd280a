"""The server of faults: what it plays, when, and what it notes. What clients make of it is in tests/lab."""

from __future__ import annotations

import socket
import ssl
from contextlib import closing, suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError
from websockets.sync.client import connect

from openai_core_emulator import Emulator
from openai_core_emulator.faults import KINDS, Chaos, Fault, FaultServer, variants
from openai_core_emulator.faults.streams import error_forms

KEY = {"Authorization": "Bearer sk-emulator"}
ASKED = {"model": "gpt-5-mini", "messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture
def http(openai_faults):
    with httpx.Client(base_url=openai_faults.base_url, headers=KEY, trust_env=False, timeout=10) as client:
        yield client


def chat(http, *, stream=False, **headers):
    return http.post("/chat/completions", json={**ASKED, "stream": stream}, headers=headers)


class TestFault:
    @pytest.mark.parametrize("name", KINDS)
    def test_each_kind_says_what_happens(self, name):
        assert KINDS[name].summary.endswith(".")
        assert Fault.parse(name) == Fault(name)

    @pytest.mark.parametrize("fault", variants("request", "stream", "socket", "tls"), ids=str)
    def test_a_fault_can_be_written_as_text(self, fault):
        assert Fault.parse(str(fault)) in {fault, Fault(fault.name)}

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("earthquake", "there is no fault 'earthquake'; there are refused, "),
            ("", "there is no fault ''; there are refused, "),
            ("cut_stream colour=red", "has no colour, only event, how"),
            ("quota by=1", "has no by, only its name"),
            ("cut_stream how=gently", "is one of reset, hang_up, silence, end, half, not 'gently'"),
            ("cut_stream event=soon", "event of the fault 'cut_stream' is like 1, not 'soon'"),
        ],
    )
    def test_what_there_is_not_is_refused_with_what_there_is(self, text, said):
        with pytest.raises(ValueError, match="fault") as caught:
            Fault.parse(text)
        assert said in str(caught.value)


class TestPlaying:
    def test_without_a_fault_the_emulator_answers(self, http, openai_faults, openai_emulator):
        assert chat(http).json()["object"] == "chat.completion"
        assert [request.path for request in openai_faults.requests] == ["/v1/chat/completions"]
        assert [request.path for request in openai_emulator.requests] == ["/v1/chat/completions"]
        assert openai_faults.played == []

    def test_it_answers_over_tls_as_well(self, certificate):
        authority, own, key = map(str, certificate)
        trusting = ssl.create_default_context(cafile=authority)
        with FaultServer(tls=(own, key)) as server:
            for _ in range(16):
                url = server.base_url.replace("http:", "https:")
                with httpx.Client(base_url=url, headers=KEY, verify=trusting, trust_env=False, timeout=10) as http:
                    assert chat(http).json()["object"] == "chat.completion"

    def test_faults_are_played_one_after_the_other(self, http, openai_faults):
        openai_faults.play("status status=503", None, Fault("quota"))

        assert [chat(http).status_code for _ in range(4)] == [503, 200, 429, 200]
        assert openai_faults.played == [Fault("status", status=503), Fault("quota")]

    def test_a_fault_can_last(self, http, openai_faults):
        openai_faults.play("quota", times=2).play("status status=502", times=None)
        assert [chat(http).status_code for _ in range(4)] == [429, 429, 502, 502]

    def test_a_fault_can_be_of_one_path(self, http, openai_faults):
        openai_faults.play("quota", path="/v1/mod*")
        assert [chat(http).status_code, http.get("/models").status_code] == [200, 429]

    def test_a_request_can_ask_for_its_own(self, http, openai_faults):
        openai_faults.play("quota")
        assert chat(http, **{"X-Emulator-Fault": "status status=418 form=text"}).status_code == 418
        assert chat(http).status_code == 429

    def test_a_request_that_asks_for_nonsense_is_told(self, http):
        answer = chat(http, **{"X-Emulator-Fault": "earthquake"})
        assert (answer.status_code, answer.text[:30]) == (400, "there is no fault 'earthquake'")

    @pytest.mark.parametrize(("fault", "needed"), [("tls", "a handshake of TLS"), ("cut_socket", "a websocket")])
    def test_a_request_that_asks_for_what_cannot_befall_it_is_told(self, http, fault, needed):
        answer = chat(http, **{"X-Emulator-Fault": fault})
        assert (answer.status_code, answer.text) == (400, f"the fault {fault!r} needs {needed}")

    def test_a_fault_waits_for_a_request_that_it_can_befall(self, http, openai_faults):
        openai_faults.play("cut_socket event=1", "status status=503")
        assert [chat(http).status_code for _ in range(2)] == [503, 200]
        url = f"ws{openai_faults.base_url.removeprefix('http')}/realtime?model=gpt-realtime"
        with connect(url, additional_headers=KEY) as websocket:
            websocket.recv(timeout=10)
            with pytest.raises(ConnectionClosedError):
                websocket.recv(timeout=10)
        assert openai_faults.played == [Fault("status", status=503), Fault("cut_socket", event=1)]

    @pytest.mark.parametrize("times", [0, -1])
    def test_a_fault_comes_once_at_least(self, openai_faults, times):
        with pytest.raises(ValueError, match="times is 1 or more"):
            openai_faults.play("quota", times=times)

    def test_half_of_an_event_that_is_not_there_is_nothing(self, http, openai_faults):
        whole = chat(http, stream=True).content
        openai_faults.play("cut_stream event=1000 how=half")
        assert chat(http, stream=True).content.count(b"\n\n") == whole.count(b"\n\n")

    @pytest.mark.parametrize("event", [0, 1, 12])
    def test_a_reset_takes_along_nothing_that_was_sent(self, http, openai_faults, event):
        openai_faults.play(f"cut_stream event={event} how=reset")
        came = bytearray()

        def read() -> None:
            with http.stream("POST", "/chat/completions", json={**ASKED, "stream": True}) as answer:
                for chunk in answer.iter_raw():
                    came.extend(chunk)

        with pytest.raises(httpx.ReadError):
            read()
        assert came.count(b"\n\n") == event

    @pytest.mark.parametrize("form", error_forms())
    def test_an_error_stands_among_the_events(self, http, openai_faults, form):
        openai_faults.play(f"error_in_stream event=2 form={form}")
        blocks = chat(http, stream=True).content.split(b"\n\n")
        assert blocks[2] + b"\n\n" == error_forms()[form]
        assert blocks[3:] == [b""]

    def test_a_length_can_be_wrong(self, http, openai_faults):
        openai_faults.play("long_length by=5")
        with pytest.raises(httpx.RemoteProtocolError):
            chat(http)


class TestServer:
    def test_it_can_go_down_and_come_back_on_the_same_port(self, http, openai_faults):
        openai_faults.down()
        with pytest.raises(httpx.ConnectError):
            chat(http)
        openai_faults.up()
        assert chat(http).status_code == 200

    def test_it_comes_back_by_itself(self, http, openai_faults):
        openai_faults.play("refused seconds=0.05")
        with pytest.raises(httpx.TransportError):
            chat(http)
        with httpx.Client(transport=httpx.HTTPTransport(retries=20), base_url=openai_faults.base_url) as patient:
            assert patient.get("/models", headers=KEY).status_code == 200

    def test_it_knows_what_is_under_way(self, openai_faults):
        openai_faults.play("no_answer how=silence")
        with closing(socket.create_connection(openai_faults.origin.removeprefix("http://").split(":"))) as client:
            client.sendall(b"GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n")
            assert openai_faults.settle(requests=1, connections=1, under_way=1)
        assert openai_faults.settle(connections=0, under_way=0)
        assert (openai_faults.connections, openai_faults.under_way) == (0, 0)
        assert not openai_faults.settle(requests=2, seconds=0)

    def test_it_has_an_emulator_of_its_own_if_need_be(self):
        with FaultServer() as server:
            assert httpx.get(f"{server.base_url}/models", headers=KEY).status_code == 200
            emulator = server.emulator
        assert not emulator.is_running

    def test_it_leaves_an_emulator_that_runs_already(self):
        with Emulator() as emulator:
            with FaultServer(emulator):
                pass
            assert emulator.is_running

    def test_it_can_be_started_again_and_stopped_twice(self):
        server = FaultServer()
        for _ in range(2):
            with server:
                with pytest.raises(RuntimeError, match="running already"):
                    server.start()
                assert httpx.get(f"{server.base_url}/models", headers=KEY).status_code == 200
            server.stop()
        with pytest.raises(RuntimeError, match="isn't running"):
            _ = server.base_url

    def test_a_reset_forgets(self, http, openai_faults):
        openai_faults.play("quota", times=None)
        chat(http)
        openai_faults.reset()
        assert (openai_faults.requests, openai_faults.played) == ([], [])
        assert chat(http).status_code == 200


class TestRoute:
    def test_faults_can_be_planned_over_http(self, http, openai_faults):
        told = httpx.post(
            f"{openai_faults.origin}/_faults",
            json=[{"fault": None}, {"fault": "status", "status": 503, "times": 2, "path": "/v1/chat/*"}],
        ).json()

        assert told["planned"] == [
            {"fault": None, "times": 1, "path": "*"},
            {"fault": "status status=503", "times": 2, "path": "/v1/chat/*"},
        ]
        assert [chat(http).status_code for _ in range(4)] == [200, 503, 503, 200]

    def test_no_setting_is_called_what_the_route_calls_its_own(self):
        assert not {"fault", "times", "path"} & {name for kind in KINDS.values() for name in kind.settings}

    @pytest.mark.parametrize("count", [0, 2])
    def test_the_end_of_a_stream_can_be_missing_or_doubled(self, http, openai_faults, count):
        httpx.post(f"{openai_faults.origin}/_faults", json={"fault": "done", "count": count, "times": 2})
        assert [chat(http, stream=True).text.count("[DONE]") for _ in range(3)] == [count, count, 1]

    def test_what_it_tells_can_be_planned_again(self, http, openai_faults):
        route = f"{openai_faults.origin}/_faults"
        told = httpx.post(route, json={"fault": "status status=503", "form": "text", "times": 3}).json()["planned"]
        httpx.delete(route)
        assert httpx.post(route, json=told).json()["planned"] == told
        assert told == [{"fault": "status form=text status=503", "times": 3, "path": "*"}]

    def test_it_tells_what_there_is_and_what_was_played(self, http, openai_faults):
        openai_faults.play("quota")
        chat(http)

        told = httpx.get(f"{openai_faults.origin}/_faults").json()

        assert (told["played"], told["requests"], told["seed"]) == (["quota"], 1, None)
        assert told["kinds"].keys() == KINDS.keys()
        assert told["kinds"]["cut_body"]["choices"] == {"how": ["reset", "hang_up", "silence"]}

    def test_it_forgets(self, http, openai_faults):
        openai_faults.play("quota")
        assert httpx.delete(f"{openai_faults.origin}/_faults").json()["planned"] == []
        assert chat(http).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            [], 7, "quota", {"fault": 7}, {"fault": "earthquake"}, {"fault": ""},
            *({"fault": "quota", "times": times} for times in ("often", 0, -3, True)),
            [{"fault": "quota"}, {"fault": "earthquake"}],
        ],
    )  # fmt: skip
    def test_nonsense_is_refused_and_plans_nothing(self, openai_faults, body):
        answer = httpx.post(f"{openai_faults.origin}/_faults", json=body)
        assert answer.status_code == (200 if body == [] else 400)
        assert httpx.get(f"{openai_faults.origin}/_faults").json()["planned"] == []

    def test_other_methods_are_refused(self, openai_faults):
        assert httpx.put(f"{openai_faults.origin}/_faults").status_code == 405


class TestChaos:
    def test_a_seed_draws_the_same_faults_every_time(self):
        chances = [Chaos(7, 0.5), Chaos(7, 0.5), Chaos(8, 0.5)]
        drawn = [[str(chance.draw("request", "stream")) for _ in range(100)] for chance in chances]
        assert drawn[0] == drawn[1] != drawn[2]
        assert 30 < drawn[0].count("None") < 70

    @pytest.mark.parametrize(("rate", "drawn"), [(0.0, 0), (1.0, 200)])
    def test_the_rate_says_how_often(self, rate, drawn):
        chance = Chaos(1, rate)
        faults = [chance.draw("stream") for _ in range(200)]
        assert sum(fault is not None for fault in faults) == drawn
        assert {fault.kind.where for fault in faults if fault} <= {"stream"}

    @pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
    def test_a_rate_that_is_no_part_is_refused(self, rate):
        with pytest.raises(ValueError, match="from 0 to 1"):
            Chaos(1, rate)

    def test_chance_knows_all_that_goes_wrong_and_every_event(self):
        chance = Chaos(1, 1.0)
        places = [("request",), ("request", "stream"), ("socket",), ("tls",)]
        drawn = [chance.draw(*where) for where in places for _ in range(3000)]
        # What takes long is left out.
        assert set(KINDS) - {fault.name for fault in drawn} == {"flood", "long_event"}
        cut = {dict(fault.settings)["event"] for fault in drawn if fault.name == "cut_stream"}
        assert cut == set(range(21))

    def test_a_server_plays_what_is_drawn(self):
        with FaultServer(chaos=Chaos(3, 1.0)) as server:
            for _ in range(3):
                with suppress(httpx.TransportError):
                    httpx.get(f"{server.base_url}/models", headers=KEY, timeout=0.2)
            server.settle(requests=1)
            again = Chaos(3, 1.0)
            assert server.played == [again.draw("request") for _ in server.played]
