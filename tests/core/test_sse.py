from __future__ import annotations

import itertools
import tracemalloc

import pytest
from httpx_sse._decoders import SSEDecoder, SSELineDecoder
from hypothesis import example, given
from hypothesis import strategies as st

from openai_core.sse import EventDecoder, ServerSentEvent

BOM = b"\xef\xbb\xbf"
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=12)
LINES = st.one_of(
    st.just(""),
    st.just(""),
    TEXT.map(lambda text: f"data: {text}"),
    TEXT.map(lambda text: f"data:{text}"),
    TEXT.map(lambda text: f"event: {text}"),
    TEXT.map(lambda text: f"event:{text}"),
    TEXT.map(lambda text: f": {text}"),
    TEXT.map(lambda text: f"id: {text}"),
    TEXT,
    st.integers(0, 9999).map(lambda number: f"retry: {number}"),
    st.sampled_from(["data", "event", "id", "retry", "data:", "data: ", "data:  two blanks", "retry: soon", ":"]),
)
ENDS = st.sampled_from(["\n", "\r", "\r\n"])
STREAMS = st.builds(
    lambda bom, lines: (BOM if bom else b"") + "".join(line + end for line, end in lines).encode(),
    st.booleans(),
    st.lists(st.tuples(LINES, ENDS), max_size=20),
)


def events(*chunks: bytes) -> list[ServerSentEvent]:
    decoder = EventDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)]


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """The data in pieces, some of them empty."""
    marks = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(marks)]


def oracle(data: bytes) -> list[ServerSentEvent]:
    """What httpx-sse reads, without the events that it gives for blocks whose data is empty."""
    lines, decoder = SSELineDecoder(), SSEDecoder()
    # httpx-sse leaves the byte order mark to its caller, and the end of a last line that is a lone CR to `flush`.
    text = data.removeprefix(BOM).decode(errors="replace")
    complete = lines.decode(text)
    if lines.trailing_cr:
        complete += lines.flush()
    found = [event for line in complete if (event := decoder.decode(line))]
    return [(event.event if event.event != "message" else "", event.data.encode()) for event in found if event.data]


class TestRules:
    def test_an_event_has_a_name_and_data(self):
        assert events(b'event: delta\ndata: {"a": 1}\n\n') == [("delta", b'{"a": 1}')]

    def test_an_event_without_a_name_has_an_empty_one(self):
        assert events(b"data: x\n\n") == [("", b"x")]

    @pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
    def test_lines_end_in_any_of_three_ways(self, end):
        data = b"event: a%bdata: 1%b%bdata: 2%b%b" % ((end,) * 5)
        assert events(data) == [("a", b"1"), ("", b"2")]

    def test_line_ends_may_be_mixed(self):
        assert events(b"data: 1\r\n\ndata: 2\r\rdata: 3\n\r\n") == [("", b"1"), ("", b"2"), ("", b"3")]

    def test_several_lines_of_data_are_joined_by_line_feeds(self):
        assert events(b"data: a\ndata:\ndata: b\n\n") == [("", b"a\n\nb")]

    def test_only_one_blank_after_the_colon_is_dropped(self):
        assert events(b"data:  a \ndata:b\n\n") == [("", b" a \nb")]

    def test_only_the_first_colon_counts(self):
        assert events(b"data: a: b\n\n") == [("", b"a: b")]

    def test_a_byte_order_mark_is_dropped_at_the_start_only(self):
        assert events(BOM + b"data: a\n\ndata: " + BOM + b"\n\n") == [("", b"a"), ("", BOM)]
        assert events(*(bytes([byte]) for byte in BOM), b"data: a\n\n") == [("", b"a")]

    def test_what_only_begins_like_a_byte_order_mark_is_kept(self):
        """The field has an odd name then, and its event another line that counts."""
        assert events(b"\xef", b"\xbbdata: a\ndata: b\n\n") == [("", b"b")]

    @pytest.mark.parametrize(
        "block",
        [
            b": keep-alive",
            b":",
            b"retry: 3000",
            b"id: 7",
            b"event: ping",
            b"unknown: x",
            b"data",
            b"data:",
            b"data: ",
            b"",
        ],
    )
    def test_a_block_without_data_is_no_event_and_harms_none(self, block):
        assert events(block + b"\n\n" + b"data: a\n\n" + block + b"\n\n" + b"data: b\n\n") == [("", b"a"), ("", b"b")]

    @pytest.mark.parametrize("line", [b": note", b"id: 7", b"retry: 3000", b"retry: soon", b"nonsense", b"data2: x"])
    def test_lines_beside_the_data_do_not_change_it(self, line):
        assert events(b"event: a\n" + line + b"\ndata: 1\n" + line + b"\n\n") == [("a", b"1")]

    def test_the_name_of_one_event_is_not_the_next_one_s(self):
        assert events(b"event: a\ndata: 1\n\ndata: 2\n\nevent: lost\n\ndata: 3\n\n") == [
            ("a", b"1"),
            ("", b"2"),
            ("", b"3"),
        ]

    def test_the_last_of_several_names_counts(self):
        assert events(b"event: a\nevent: b\ndata: 1\n\n") == [("b", b"1")]

    def test_an_event_that_is_not_closed_by_an_empty_line_is_not_given(self):
        assert events(b"data: whole\n\ndata: cut o") == [("", b"whole")]
        assert events(b"data: whole\n\ndata: x\n") == [("", b"whole")]

    def test_other_line_breaks_of_unicode_are_text(self):
        text = "a\u2028b\u2029c\x0bd\x0ce\x85f".encode()
        assert events(b"data: " + text + b"\n\n") == [("", text)]

    def test_bytes_that_are_no_text_are_handed_on(self):
        assert events(b"event: \xff\ndata: \xff\n\n") == [("\ufffd", b"\xff")]


class TestChunks:
    @given(STREAMS, st.lists(st.integers(0, 1000), max_size=30))
    @example(b"data: a\r\ndata: b\r\n\r\n", [8, 8])
    @example(b"data: a\n\ndata: b\n\n", [8])
    @example(BOM + b"data: a\r\n\r\n", [1, 2, 12])
    def test_any_cuts_give_the_same_events(self, data, places):
        assert events(*cut(data, places)) == events(data)

    @given(STREAMS)
    def test_byte_by_byte_gives_the_same_events(self, data):
        assert events(*(data[i : i + 1] for i in range(len(data)))) == events(data)

    @given(STREAMS)
    def test_httpx_sse_reads_the_same(self, data):
        assert events(data) == oracle(data)

    @given(st.lists(TEXT.filter(bool), min_size=1), ENDS, st.lists(st.integers(0, 1000), max_size=30))
    def test_what_is_written_is_what_is_read(self, texts, end, places):
        """Characters of several bytes included, wherever they are cut."""
        data = "".join(f"event: e{n}{end}data: {text}{end}{end}" for n, text in enumerate(texts)).encode()
        assert events(*cut(data, places)) == [(f"e{n}", text.encode()) for n, text in enumerate(texts)]

    def test_an_event_is_given_as_soon_as_its_empty_line_is_there(self):
        decoder = EventDecoder()
        assert decoder.feed(b"data: a\n") == []
        assert decoder.feed(b"\n") == [("", b"a")]

    def test_a_lone_cr_at_the_end_is_not_waited_on(self):
        """It has ended the line; the LF that may follow belongs to it."""
        decoder = EventDecoder()
        assert decoder.feed(b"data: a\r\r") == [("", b"a")]
        assert decoder.feed(b"\ndata: b\r\n\r") == [("", b"b")]
        assert decoder.feed(b"\ndata: c\r\n\r\n") == [("", b"c")]

    def test_an_empty_chunk_changes_nothing(self):
        assert events(b"data: a\r", b"", b"\ndata: b\r\n\r\n") == [("", b"a\nb")]

    def test_it_tells_how_much_waits_for_the_rest_of_its_event(self):
        decoder = EventDecoder()
        waiting = []
        for chunk in (b"data: a", b"bc", b"\n\ndata: d", b"\n", b"\n"):
            decoder.feed(chunk)
            waiting.append(decoder.pending)
        assert waiting == [7, 9, 7, 8, 0]

    def test_a_large_event_in_many_pieces_is_joined_once(self):
        """An image that comes as one event of 4 MB, in pieces of 16 KB, is held about twice and not once per piece."""
        piece = b"x" * 16_384
        decoder = EventDecoder()
        tracemalloc.start()
        try:
            decoder.feed(b"data: ")
            for _ in range(256):
                assert decoder.feed(bytes(bytearray(piece))) == []
            ((_, data),) = decoder.feed(b"\n\n")
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert len(data) == 256 * 16_384
        assert peak < 5 * len(data)
