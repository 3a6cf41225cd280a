"""Methods of several calls: one generator, driven by both colours over both transports."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import pickle
import subprocess
import sys
import threading

import pytest

from openai_core import AsyncClient, Client
from openai_core.errors import (
    ConfigurationError,
    ConflictError,
    DeadlineExceededError,
    FileSaveError,
    InvalidRequestError,
    NotFoundError,
)
from openai_core.group import ApiGroup, AsyncApiGroup
from openai_core.operation import BinaryEndpoint, Endpoint, PagedEndpoint
from openai_core.steps import (
    AsyncStepsMethod,
    StepsMethod,
    call,
    can_call,
    every,
    pause,
    read,
    save,
    send,
    send_raw,
    together,
    until,
    within,
)

LOOK = Endpoint("GET", "/jobs/{job_id}", "openai_core.model:UnknownModel")
END = Endpoint("DELETE", "/jobs/{job_id}", "builtins:dict")
CONTENT = BinaryEndpoint("GET", "/content", None)
LIST = PagedEndpoint("GET", "/jobs", "types:SimpleNamespace")


def look(job_id, options=None):
    return LOOK.operation(path=(job_id,), options=options)


def wait(job_id, *, options=None, **how):
    """Wait for a job."""
    return (yield from until(look(job_id, options), lambda job: job.status == "done", **how))


def look_once(job_id, *, options=None):
    """Look at a job."""
    response = yield from send_raw(look(job_id, options))
    return response.status, response.json()


def look_at_all(job_ids, *, limit=2, options=None):
    """Look at many jobs."""
    return (yield from together((send(look(each, options)) for each in job_ids), limit=limit))


def fetch(path=None):
    """Fetch what there is."""
    return (yield from (save(CONTENT.operation(), path) if path else read(CONTENT.operation())))


def look_and_clean_up(job_id):
    """Look, and end the job if that fails."""
    try:
        return (yield from send(look(job_id)))
    except NotFoundError:
        return (yield from send(END.operation(path=(job_id,))))


def nap(seconds, *, deadline=None):
    """Do nothing."""
    yield from within(deadline)
    yield from pause(seconds, meanwhile="all is quiet")


def call_all(function, many, *, limit=2, deadline=None):
    """Call a function with each."""
    yield from within(deadline)
    return (yield from together((call(function, each) for each in many), limit=limit))


def check_call(function, *, is_async):
    """See whether a function can be called."""
    return (yield from can_call(function, is_async=is_async))


HELPERS = (wait, look_once, look_at_all, fetch, look_and_clean_up, nap, call_all, check_call)
# As if it were of this family, so that the async group is driven as the sync one is.
MODULE = {"__module__": "openai_core_jobs"}
Jobs = type("Jobs", (ApiGroup,), MODULE | {each.__name__: StepsMethod(each) for each in HELPERS})
AsyncJobs = type("AsyncJobs", (AsyncApiGroup,), MODULE | {each.__name__: AsyncStepsMethod(each) for each in HELPERS})


@pytest.fixture
def jobs(client, colour):
    return client.api(Jobs if colour == "sync" else AsyncJobs)


where = contextvars.ContextVar("where", default="outside")


def _time_out(_):
    raise TimeoutError


def status(*states, **headers):
    return [lambda exchange, state=state: exchange.json({"status": state}, **headers) for state in states]


def say_path(exchange):
    exchange.json({"path": exchange.target})


class TestWaiting:
    def test_it_looks_until_it_is_done(self, jobs, server):
        server.script(*status("queued", "running", "done"))
        seen = []
        assert jobs.wait("j", interval=0, on_progress=seen.append).status == "done"
        assert [job.status for job in seen] == ["queued", "running", "done"]
        assert [exchange.target for exchange in server.requests] == ["/v1/jobs/j"] * 3

    def test_the_server_says_how_long_to_wait(self, jobs, server):
        server.script(*status("queued", "done", openai_poll_after_ms=0))
        # Without being told so, the waits alone would take longer.
        assert jobs.wait("j", deadline=0.3).status == "done"

    def test_a_wait_that_would_pass_the_deadline_raises_at_once_and_tells_the_state(self, jobs, server):
        server.script(*status("queued"))
        with pytest.raises(DeadlineExceededError, match=r"of 60 s leaves no time to wait on; the status is 'queued'"):
            jobs.wait("j", interval=3600, deadline=60)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("how", ["option", "client", "group", "argument"])
    def test_a_deadline_of_any_kind_bounds_all_looks(self, client, colour, server, how):
        server.script(*status("done", "queued"))
        group = client.api(Jobs if colour == "sync" else AsyncJobs)
        group.wait("j")  # The first call of all takes its time.
        own = {}
        if how == "option":
            own = {"options": {"deadline": 0.2}}
        elif how == "client":
            group = client.with_options(deadline=0.2).api(Jobs if colour == "sync" else AsyncJobs)
        elif how == "group":
            group = group.with_options(deadline=0.2)
        else:
            own = {"deadline": 0.2}
        with pytest.raises(DeadlineExceededError):
            group.wait("j", interval=0, **own)
        assert len(server.requests) > 2

    def test_what_was_seen_last_is_in_the_error(self, jobs, server):
        server.script(*status("queued", "running"))
        with pytest.raises(DeadlineExceededError) as caught:
            jobs.wait("j", interval=0, deadline=0.2)
        assert caught.value.last.status == "running"
        assert pickle.loads(pickle.dumps(caught.value)).last.status == "running"

    @pytest.mark.parametrize("deadline", [0, -1, float("nan"), "5", True])
    def test_a_deadline_that_makes_no_sense_is_refused_before_anything_is_sent(self, jobs, server, deadline):
        with pytest.raises(ConfigurationError, match="deadline must be a number of seconds above 0"):
            jobs.wait("j", deadline=deadline)
        assert server.requests == []

    @pytest.mark.parametrize("interval", [-1, "1", float("nan")])
    def test_an_interval_that_makes_no_sense_is_refused(self, jobs, server, interval):
        with pytest.raises(ConfigurationError, match="interval must be a number of seconds"):
            jobs.wait("j", interval=interval)
        assert server.requests == []

    def test_a_coroutine_function_is_told_where_it_can_be_awaited(self, jobs, server, colour):
        server.script(*status("queued", "done"))
        seen = []

        async def show(job):
            seen.append(job.status)

        if colour == "async":
            jobs.wait("j", interval=0, on_progress=show)
            assert seen == ["queued", "done"]
        else:
            with pytest.raises(TypeError, match="awaited by an AsyncClient alone"):
                jobs.wait("j", interval=0, on_progress=show)

    def test_an_earlier_deadline_stays(self, jobs):
        def nap_twice():
            yield from within(1)
            yield from nap(2, deadline=60)

        group = type(jobs.inner if hasattr(jobs, "inner") else jobs)
        method = (AsyncStepsMethod if issubclass(group, AsyncApiGroup) else StepsMethod)(nap_twice)
        jobs = jobs._client.api(type("Naps", (group,), MODULE | {"nap_twice": method}))
        with pytest.raises(DeadlineExceededError, match=r"of 1 s leaves no time to wait on; all is quiet"):
            jobs.nap_twice()

    def test_a_failed_look_is_the_wait_s_failure(self, jobs, server):
        server.script(*status("queued"), lambda exchange: exchange.json({"error": {"message": "no"}}, 404))
        with pytest.raises(NotFoundError):
            jobs.wait("j", interval=0)

    def test_waits_grow_to_ten_seconds(self):
        from itertools import islice

        from openai_core.steps import _waits

        waits = list(islice(_waits(), 80))
        assert 0.375 <= waits[0] <= 0.5
        assert all(7.5 <= wait <= 10 for wait in waits[10:])


class TestSteps:
    def test_options_of_the_group_and_of_the_call_reach_every_operation(self, jobs, server):
        server.script(say_path)
        jobs.with_options(headers={"X-Group": "g"}).look_at_all(["a", "b"], options={"headers": {"X-Call": "c"}})
        for exchange in server.requests:
            assert exchange.headers["x-group"] == "g"
            assert exchange.headers["x-call"] == "c"

    def test_the_whole_response_is_there(self, jobs, server):
        server.script(say_path)
        assert jobs.look_once("a") == (200, {"path": "/v1/jobs/a"})

    def test_an_error_goes_through_the_steps(self, jobs, server):
        server.script(lambda exchange: exchange.json({"error": {"message": "no"}}, 404), say_path)
        assert jobs.look_and_clean_up("a") == {"path": "/v1/jobs/a"}
        assert [exchange.method for exchange in server.requests] == ["GET", "DELETE"]

    def test_bytes_are_read_or_saved(self, jobs, server, tmp_path):
        server.script(lambda exchange: exchange.answer(b"abc"))
        assert jobs.fetch() == b"abc"
        path = jobs.fetch(tmp_path / "folder" / "file")
        assert path.read_bytes() == b"abc"

    def test_a_broken_download_is_the_error_that_saving_raises(self, jobs, server, tmp_path):
        def break_off(exchange):
            exchange.head(content_length=10)
            exchange.send(b"abc")
            exchange.hang_up()

        server.script(break_off)
        with pytest.raises(FileSaveError):
            jobs.fetch(tmp_path / "file")

    def test_every_item_of_a_list_is_there(self, server):
        def page(exchange):
            after = "after=b" in exchange.target
            exchange.json({"data": [{"id": "c"}] if after else [{"id": "a"}, {"id": "b"}], "has_more": not after})

        server.script(page)

        class Page:
            def __init__(self, data):
                self.data = [type("Item", (), each) for each in data["data"]]
                self.has_more = data["has_more"]
                self.last_id = None

        steps = every(LIST.operation())
        step = next(steps)
        with Client(api_key="k", base_url=server.url) as client:
            first = Page(client.send(step.operation, into=dict))
            step = steps.send(first)
            with pytest.raises(StopIteration) as end:
                steps.send(Page(client.send(step.operation, into=dict)))
        assert [item.id for item in end.value.value] == ["a", "b", "c"]


class TestTogether:
    def test_results_come_in_order(self, jobs, server):
        server.script(say_path)
        names = [str(number) for number in range(20)]
        found = jobs.look_at_all(names, limit=7)
        assert [each.path for each in found] == [f"/v1/jobs/{name}" for name in names]

    def test_no_more_than_the_limit_are_under_way(self, jobs, server):
        lock, now, most = threading.Lock(), 0, 0
        full = threading.Barrier(3)

        def count(exchange):
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            # All three have to be here at once for anyone to go on.
            full.wait(10)
            with lock:
                now -= 1
            exchange.json({})

        server.script(count)
        jobs.look_at_all(map(str, range(9)), limit=3)
        assert most == 3

    def test_after_a_failure_none_is_begun(self, jobs, server):
        server.script(lambda exchange: exchange.json({"error": {"message": "no"}}, 404))
        taken = []

        def names():
            for number in range(100):
                taken.append(number)
                yield str(number)

        with pytest.raises(NotFoundError):
            jobs.look_at_all(names(), limit=1)
        assert taken == [0]

    def test_what_is_under_way_is_finished(self, jobs, server):
        begun = threading.Event()

        def fail(exchange):
            begun.wait(10)
            exchange.json({"error": {"message": "no"}}, 409, x_should_retry="false")

        def succeed(exchange):
            begun.set()
            exchange.json({})

        server.script(fail, succeed)
        with pytest.raises(ConflictError):
            jobs.look_at_all(["a", "b"], limit=2)
        assert len(server.requests) == 2

    def test_nothing_to_do_is_done(self, jobs):
        assert jobs.look_at_all([]) == []

    def test_a_limit_below_one_is_refused(self, jobs):
        with pytest.raises(ValueError, match="at least one at a time, not 0"):
            jobs.look_at_all(["a"], limit=0)


class Counter:
    """Counts how many are there at once, of whom none goes before so many others have come."""

    def __init__(self, together):
        self.most = self.now = 0
        self._lock = threading.Lock()
        self._full = threading.Barrier(together)
        self._full_in_loop = asyncio.Barrier(together)

    def come(self):
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)

    def go(self):
        with self._lock:
            self.now -= 1

    def plain(self, value):
        self.come()
        self._full.wait(10)
        self.go()
        return value * 2

    async def awaited(self, value):
        self.come()
        await self._full_in_loop.wait()
        self.go()
        return value * 2


async def doubled(value):
    return value * 2


class TestCalling:
    def test_plain_functions_run_at_once_up_to_the_limit(self, jobs):
        counter = Counter(12)
        # More than an event loop has threads of its own on a small machine.
        assert jobs.call_all(counter.plain, range(48), limit=12) == [each * 2 for each in range(48)]
        assert counter.most == 12

    async def test_async_functions_run_at_once_up_to_the_limit(self):
        async with AsyncClient(api_key="k") as client:
            counter = Counter(3)
            many = await client.api(AsyncJobs).call_all(counter.awaited, range(12), limit=3)
            assert many == [each * 2 for each in range(12)]
            assert counter.most == 3

    def test_a_sync_client_refuses_an_async_function(self):
        with Client(api_key="k") as client:
            jobs = client.api(Jobs)
            with pytest.raises(InvalidRequestError, match="doubled is async, and only AsyncClient can await it"):
                jobs.call_all(doubled, [1])
            with pytest.raises(InvalidRequestError, match="doubled is async"):
                jobs.check_call(doubled, is_async=True)
            assert jobs.check_call(str, is_async=False) is None

    async def test_an_async_client_takes_both(self):
        async with AsyncClient(api_key="k") as client:
            jobs = client.api(AsyncJobs)
            assert await jobs.check_call(doubled, is_async=True) is None
            assert await jobs.call_all(doubled, [1, 2]) == [2, 4]
            assert await jobs.call_all(threading.get_ident, [], limit=1) == []

    async def test_a_plain_function_does_not_hold_up_the_loop(self):
        async with AsyncClient(api_key="k") as client:
            go = threading.Event()
            calling = asyncio.create_task(client.api(AsyncJobs).call_all(go.wait, [10], limit=1))
            await asyncio.sleep(0)
            go.set()
            assert await calling == [True]

    def test_what_a_function_raises_is_raised(self, jobs):
        with pytest.raises(ZeroDivisionError):
            jobs.call_all(lambda value: 1 / value, [0])
        with pytest.raises(TimeoutError) as caught:
            jobs.call_all(_time_out, [0], deadline=60)
        assert caught.type is TimeoutError

    async def test_context_variables_are_those_of_the_caller(self):
        inside = where.set("inside")
        with Client(api_key="k") as client:
            assert client.api(Jobs).call_all(lambda _: where.get(), [1]) == ["inside"]
        async with AsyncClient(api_key="k") as client:
            assert await client.api(AsyncJobs).call_all(lambda _: where.get(), [1]) == ["inside"]
        where.reset(inside)

    def test_after_the_deadline_nothing_is_called(self, jobs):
        called = []
        with pytest.raises(DeadlineExceededError):
            jobs.call_all(called.append, [1], deadline=1e-9)
        assert called == []

    @pytest.mark.parametrize("kind", ["plain", "async"])
    async def test_the_deadline_ends_the_waiting_for_a_call(self, kind):
        go = threading.Event()
        never = asyncio.Event()

        async def wait_for_ever(_):
            await never.wait()

        async with AsyncClient(api_key="k") as client:
            try:
                with pytest.raises(DeadlineExceededError, match=r"deadline of 0\.05 s"):
                    await client.api(AsyncJobs).call_all(
                        go.wait if kind == "plain" else wait_for_ever, [10], deadline=0.05
                    )
            finally:
                go.set()

    @pytest.mark.parametrize("number", [1, 5])
    def test_the_deadline_ends_the_waiting_for_a_thread(self, number):
        go = threading.Event()
        with Client(api_key="k") as client:
            try:
                with pytest.raises(DeadlineExceededError, match=r"deadline of 0\.05 s"):
                    client.api(Jobs).call_all(lambda _: go.wait(), range(number), deadline=0.05)
            finally:
                go.set()

    def test_a_program_ends_beside_a_call_that_doesnt(self):
        program = (
            "import time\n"
            "from openai_core import Client, DeadlineExceededError\n"
            "from tests.core.test_steps import Jobs\n"
            "try: Client(api_key='k').api(Jobs).call_all(time.sleep, [600], deadline=0.05)\n"
            "except DeadlineExceededError: print('over')"
        )
        ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
        assert (ended.stdout, ended.stderr, ended.returncode) == ("over\n", "", 0)


class TestMethods:
    def test_it_looks_like_the_function(self, colour):
        client = Client(api_key="k") if colour == "sync" else AsyncClient(api_key="k")
        method = client.api(Jobs if colour == "sync" else AsyncJobs).wait
        assert method.__doc__ == "Wait for a job."
        assert method.__name__ == "wait"
        assert asyncio.iscoroutinefunction(method) is (colour == "async")
        assert list(inspect.signature(method).parameters) == ["job_id", "options", "how"]

    def test_a_wrong_argument_is_told_what_was_meant(self, jobs):
        with pytest.raises(TypeError, match=r"pass options=\{'timeout': ...\}"):
            jobs.look_once("j", timeout=3)

    @pytest.mark.only_on(
        "httpx", "aiohttp", "httpx2", reason="pyreqwest can't end a request before the headers of its answer are there"
    )
    async def test_cancelling_ends_what_is_under_way(self, server):
        server.script(lambda exchange: exchange.gone())
        async with AsyncClient(api_key="k", base_url=server.url) as client:
            task = asyncio.create_task(client.api(AsyncJobs).look_at_all(["a", "b"]))
            await asyncio.to_thread(server.has_received, 2)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(server.has_open, 0)
