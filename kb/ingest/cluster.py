"""Documents finished on a Dask cluster: what `kb.ingest.workers` does, on other machines.

Files go out and finished documents come back, in the order of the plan; this process alone writes.
A batch depends on nothing but what it is given, so that one whose worker is lost is done again
elsewhere with the same outcome. The only importer of distributed.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from kb.errors import KidoError, RejectedFile
from kb.indexing.finished import Finished
from kb.ingest.workers import Make, Outcome, in_batches, made, outcomes_of, received
from kb.language.tokens import dictionary_version
from kb.reading.files import READER_VERSION
from kb.reading.sandbox import Job

INSTALL = "ingesting on a cluster needs Dask: pip install 'kido-kb[cluster]'"
_PATIENCE = 10  # seconds in which a scheduler answers,
_WORKERS = 60  # and in which one worker is there
_AHEAD = 4  # batches that are handed over for each thread of the workers

Making = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Finishes documents on the workers of the Dask scheduler at `address`.

    `make` gives each worker its finisher.
    """

    address: str
    make: Make

    def finish_all(self, jobs: Iterable[Job]) -> Iterator[Finished | RejectedFile]:
        """What becomes of each file, in their order.

        Raises KidoError where Dask is not installed, no scheduler or worker answers, the
        workers have other versions than this process, or the cluster is lost.
        """
        waiting = iter(jobs)
        first = next(waiting, None)
        if first is None:
            return  # nothing to do needs no cluster
        for outcome in chain.from_iterable(self._outcomes(chain([first], waiting))):
            yield received(outcome)

    def _outcomes(self, jobs: Iterator[Job]) -> Iterator[list[Outcome]]:
        expected = making_of(self.make)
        client = _client(self.address)
        try:
            threads = sum(client.nthreads().values())
            batches = in_batches(jobs)
            running: deque[Any] = deque()
            while True:
                for batch in islice(batches, _AHEAD * max(1, threads) - len(running)):
                    running.append(client.submit(finish, self.make, batch, pure=False, retries=2))
                if not running:
                    return
                making, outcomes = self._result(running.popleft())
                if making != expected:
                    raise KidoError(
                        f"the workers of {self.address} have {making} and this process has "
                        f"{expected}: install the same versions on all of them"
                    )
                yield outcomes
        finally:
            client.close()

    def _result(self, future: Any) -> tuple[Making, list[Outcome]]:
        try:
            result: tuple[Making, list[Outcome]] = future.result()
        except KidoError:
            raise
        except Exception as error:  # of Dask, of the network, of a worker without this program
            raise KidoError(
                f"the cluster at {self.address} did not finish ({type(error).__name__}: "
                f"{' '.join(str(error).split())[:200]}); run it again, it goes on where it stopped"
            ) from error
        return result


def finish(make: Make, batch: list[Job]) -> tuple[Making, list[Outcome]]:
    """The work of a cluster's worker: a batch of files finished, and with what."""
    return making_of(make), outcomes_of(made(make), batch)


def making_of(make: Make) -> Making:
    """What finished documents depend on besides their files, as this process has it."""
    finisher = made(make)
    return (
        finisher.encoder.name, finisher.glossary.digest, dictionary_version(), READER_VERSION
    )  # fmt: skip


def _client(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise KidoError(INSTALL) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise KidoError(
            f"no Dask scheduler answers at {address}: start one (`dask scheduler`) and give its "
            "address, such as tcp://host:8786"
        ) from error
    try:
        client.wait_for_workers(1, timeout=_WORKERS)
    except OSError as error:
        client.close()
        raise KidoError(
            f"the scheduler at {address} has no workers: start some (`dask worker {address}`)"
        ) from error
    return client
