"""Learns the weights of answering: ``python -m training.answering [--data ../shared/datasets]``.

With `--without SIGN` or `--harder WEIGHT` it says what comes of that, and writes nothing.

Questions on the shipped briefs are asked of an index of them: those by which the floor judges
(`benchmarks/questions/corpus.jsonl`) and more, harder ones (`training/questions.jsonl`). The
weights of a sentence's features maximise the likelihood of the sentences that hold a gold
quotation among those read for the floor's questions (a softmax over each question's, with a
ridge). The weights of refusal are those of a logistic regression on the signs of the best sentence
among the first few, of all questions, with a ridge; with `--data` questions of jaquad.train and
half of niilc.dev, on the world outside, take part as questions without an answer, with a small
weight (`benchmarks.outside` says how many of others are refused). The threshold keeps `KEPT` of
the answerable questions of the floor when each is judged by weights that were learned without its
document (and without its part of the unanswerable ones).
Writes kb/answering/weights.json and prints what held-out questions say of both.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.floor import CORPUS, QUESTIONS
from benchmarks.quality_sets import rows_of
from kb.answering import evidence, refusal
from kb.answering.answerer import Answerer
from kb.answering.gathering import Evidence
from kb.answering.refusal import LOOKED_AT, RefusalWeights
from kb.answering.weights import PATH, AnsweringWeights
from kb.assembly import KnowledgeBase, ingestion
from kb.evaluation import GoldQuestion, holds_gold, read_questions
from kb.settings import Settings

MORE = Path(__file__).parent / "questions.jsonl"

RIDGE = 0.03
REFUSAL_RIDGE = 0.003
STEPS = 400
RATE = 0.05
FOLDS = 4
KEPT = 0.98  # held out; 0.97 is wanted of reports that nothing was learned of
HARDER = 0.25  # what a question of `MORE` counts to one of the floor in learning to refuse
OUTSIDE = 0.05  # and one on the world outside
OUTSIDE_EVERY = 60  # of the questions of jaquad.train is asked

_log = logging.getLogger("training")

Matrix = NDArray[np.float64]
NOTHING = AnsweringWeights({}, RefusalWeights(0.0, {}, 0.0))


@dataclass(frozen=True)
class Asked:
    """A question with its evidence, and which of the sentences hold a gold quotation."""

    question: GoldQuestion
    evidence: Evidence
    right: NDArray[np.bool_]

    @property
    def features(self) -> Matrix:
        """A row for each sentence."""
        rows = [evidence.row_of(s.features) for s in self.evidence.sentences]
        return np.array(rows, np.float64).reshape(len(rows), len(evidence.NAMES))


def main() -> None:
    """Learn and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="folder of the data sets")
    parser.add_argument("--without", choices=refusal.NAMES, nargs="*", default=[])
    parser.add_argument("--harder", type=float, help=f"weight of the harder questions ({HARDER})")
    options = parser.parse_args()
    harder = HARDER if options.harder is None else options.harder
    heeded = np.array([name not in options.without for name in refusal.NAMES])
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    with tempfile.TemporaryDirectory() as folder:
        settings = replace(Settings(), corpus=CORPUS, index=Path(folder) / "index")
        ingestion(settings).run()
        with KnowledgeBase(settings).view() as view:
            answerer = view.answerer(NOTHING)
            paths = {summary.id: summary.path for summary in view.summaries()}
            judged = read_questions(QUESTIONS)
            questions = [*judged, *read_questions(MORE)]
            asked = [ask(answerer, q, paths.__getitem__) for q in questions]
            strange = outside(options.data) if options.data else []
            others = [ask(answerer, q, paths.__getitem__) for q in strange]
            learned = learn(
                answerer, asked, others, judged=len(judged), harder=harder, heeded=heeded
            )
            if options.harder is None and not options.without:
                write(*learned)


def ask(answerer: Answerer, question: GoldQuestion, path_of: Callable[[str], str]) -> Asked:
    """The evidence for a question, unweighted."""
    found = answerer.gather(question.question)
    right = [
        holds_gold(question, path_of(s.unit.found.passage.document_id), s.text)
        for s in found.sentences
    ]
    return Asked(question, found, np.array(right, np.bool_))


def outside(data: Path) -> list[GoldQuestion]:
    """Questions on the world outside, which the briefs do not answer."""
    rows = list(rows_of(data / "jaquad.train.queries.jsonl.gz"))[::OUTSIDE_EVERY]
    rows += list(rows_of(data / "niilc.dev.jsonl.gz"))[::2]
    return [GoldQuestion(r["id"], r["text"], "outside", False, (), ()) for r in rows]


def learn(
    answerer: Answerer,
    asked: Sequence[Asked],
    others: Sequence[Asked],
    *,
    judged: int,
    harder: float,
    heeded: NDArray[np.bool_],
) -> tuple[Matrix, Matrix, float, float]:
    """Fit, and judge by held-out questions: the weights of sentences, and slopes, bias and
    threshold of refusal.

    The first so many of the questions are the floor's, of which the sentences are learned and the
    threshold is set; the others count as `harder` says. `others` are on the world outside,
    which help to learn when to refuse; `heeded` says of each sign whether it is looked at.
    """
    fold = folds_of(asked)
    of_floor = np.arange(len(asked)) < judged
    _log.info("%d questions on the briefs, %d on the world outside", len(asked), len(others))
    sentences = [(a.features, a.right) for a in asked]
    held_out = np.zeros((len(asked), 2))
    logits = np.zeros(len(asked))
    counts = np.where(of_floor, 1.0, harder)
    none = np.zeros(len(others))
    for number in range(FOLDS):
        rest = np.flatnonzero(of_floor & (fold != number))
        weights = fit_sentences([sentences[i] for i in rest])
        signs = [heeded * signs_of(answerer, a, weights) for a in asked]
        train = fold != number
        labels = np.array([a.question.answerable for a in asked], np.float64)
        judge = fit_refusal(
            [s for s, t in zip(signs, train, strict=True) if t]
            + [heeded * signs_of(answerer, a, weights) for a in others],
            np.r_[labels[train], none],
            np.r_[counts[train], none + OUTSIDE],
        )
        for i in np.flatnonzero(~train):
            order = np.argsort(-(sentences[i][0] @ weights), kind="stable")
            held_out[i] = sentences[i][1][order[:1]].any(), sentences[i][1][order[:3]].any()
            logits[i] = best(signs[i], *judge)
    answerable = np.array([a.question.answerable for a in asked])
    for name, part in (("floor", of_floor), ("more", ~of_floor)):
        _log.info("held out, %s: %s", name, summary(held_out[part], logits[part], answerable[part]))
    threshold = float(np.quantile(logits[answerable & of_floor], 1.0 - KEPT))
    for line in risk_and_coverage(logits[of_floor], answerable[of_floor]):
        _log.info("%s", line)
    weights = fit_sentences(sentences[:judged])
    signs = [heeded * signs_of(answerer, a, weights) for a in (*asked, *others)]
    labels = np.r_[answerable.astype(np.float64), none]
    slopes, bias = fit_refusal(signs, labels, np.r_[counts, none + OUTSIDE])
    return weights, slopes, bias, threshold


def write(weights: Matrix, slopes: Matrix, bias: float, threshold: float) -> None:
    """Put the weights in their file."""
    values = {
        "about": "Learned by training.answering (its log is in training/README.md).",
        "sentences": dict(zip(evidence.NAMES, np.round(weights, 3).tolist(), strict=True)),
        "refusal": {
            "bias": round(bias, 3),
            "signs": dict(zip(refusal.NAMES, np.round(slopes, 3).tolist(), strict=True)),
            "threshold": round(1.0 / (1.0 + float(np.exp(-threshold))), 3),
        },
    }
    PATH.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


def folds_of(asked: Sequence[Asked]) -> NDArray[np.int64]:
    """A part for each question: those on one document go together, those without in turn."""
    documents = sorted({a.question.evidence[0][0] for a in asked if a.question.evidence})
    return np.array(
        [
            (documents.index(a.question.evidence[0][0]) if a.question.evidence else i) % FOLDS
            for i, a in enumerate(asked)
        ]
    )


def signs_of(answerer: Answerer, asked: Asked, weights: Matrix) -> Matrix:
    """The signs of the best few sentences by some weights, shape (sentences, signs)."""
    scores = asked.features @ weights
    order = np.argsort(-scores, kind="stable")
    ordered = [replace(asked.evidence.sentences[i], score=float(scores[i])) for i in order]
    judge = answerer.judge(replace(asked.evidence, sentences=ordered))
    rows = [refusal.row_of(judge.signs(s)) for s in ordered[:LOOKED_AT]]
    return np.array(rows, np.float64).reshape(len(rows), len(refusal.NAMES))


def best(signs: Matrix, slopes: Matrix, bias: float) -> float:
    """The highest logit among some sentences' signs; very low without one."""
    return float((signs @ slopes).max() + bias) if len(signs) else -30.0


def fit_sentences(pairs: Sequence[tuple[Matrix, NDArray[np.bool_]]]) -> Matrix:
    """The weights by Adam (Kingma and Ba, 2015) on the mean log likelihood of the right ones."""
    used = [(x, y) for x, y in pairs if y.any() and not y.all()]
    width = max(len(x) for x, _ in used)
    tensor = np.zeros((len(used), width, len(evidence.NAMES)))
    mask = np.full((len(used), width), -1e9)
    right = np.full((len(used), width), -1e9)
    for i, (x, y) in enumerate(used):
        tensor[i, : len(x)], mask[i, : len(x)] = x, 0.0
        right[i, : len(x)][y] = 0.0
    scale = tensor[mask == 0.0].std(axis=0) + 1e-9
    tensor /= scale
    weights = np.zeros(len(scale))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        logits = tensor @ weights
        off = _softmax(logits + mask) - _softmax(logits + right)
        gradient = np.einsum("qk,qkf->f", off, tensor) / len(used) + RIDGE * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
    learned: Matrix = weights / scale
    return learned


def _softmax(logits: Matrix) -> Matrix:
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Matrix = exps / exps.sum(axis=1, keepdims=True)
    return shares


def fit_refusal(signs: Sequence[Matrix], labels: Matrix, counts: Matrix) -> tuple[Matrix, float]:
    """Slopes and bias of the sentence that speaks most for an answer, of questions that are
    answerable (label 1) or not (0) and count so much.

    Which sentence that is depends on the slopes, so both are found in turns.
    """
    kept = [i for i, s in enumerate(signs) if len(s)]
    rows = np.array([signs[i][0] for i in kept])
    y, counts = labels[kept], counts[kept]
    # Both kinds of question count the same, however many of each were written.
    for_all = np.where(y > 0, (counts * y).sum(), (counts * (1 - y)).sum())
    share = 0.5 * counts / np.maximum(1.0, for_all)
    for _ in range(3):
        slopes, bias = _logistic(rows, y, share)
        rows = np.array([signs[i][int(np.argmax(signs[i] @ slopes))] for i in kept])
    return slopes, bias


def _logistic(rows: Matrix, y: Matrix, share: Matrix) -> tuple[Matrix, float]:
    """Logistic regression by Adam with a ridge; what speaks against an answer by its nature
    never counts for it, nor the other way round.
    """
    mean, scale = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    x = np.c_[(rows - mean) / scale, np.ones(len(rows))]
    ridge = np.r_[np.full(len(scale), REFUSAL_RIDGE), 0.0]
    low = np.array([0.0 if name in refusal.FOR else -np.inf for name in refusal.NAMES] + [-np.inf])
    high = np.array(
        [0.0 if name in refusal.AGAINST else np.inf for name in refusal.NAMES] + [np.inf]
    )
    weights = np.zeros(x.shape[1])
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ weights, -30, 30)))
        gradient = x.T @ (share * (p - y)) + ridge * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
        weights = np.clip(weights, low, high)
    slopes: Matrix = weights[:-1] / scale
    return slopes, float(weights[-1] - slopes @ mean)


def summary(held_out: Matrix, logits: Matrix, answerable: NDArray[np.bool_]) -> str:
    """What some held-out questions say: how often a right sentence comes first and among three,
    and how well those with an answer are told from those without.
    """
    first, third = held_out[answerable].mean(axis=0)
    threshold = np.quantile(logits[answerable], 1.0 - KEPT)
    refused = float((logits[~answerable] < threshold).mean())
    return (
        f"first {first:.3f}, among three {third:.3f}; area under the curve "
        f"{area(logits, answerable):.3f}, at {KEPT:.2f} kept {refused:.3f} refused"
    )


def risk_and_coverage(logits: Matrix, answerable: NDArray[np.bool_]) -> list[str]:
    """A line for each of some thresholds: the share of the questions that are answered, the
    share of those that have no answer (El-Yaniv and Wiener, 2010), and both kinds by themselves.
    """
    lines = ["threshold  coverage   risk   kept  refused"]
    for kept in (1.0, 0.99, 0.98, 0.97, 0.96, 0.95, 0.93, 0.9, 0.85, 0.8, 0.7, 0.5):
        at = float(np.quantile(logits[answerable], 1.0 - kept))
        answered = logits >= at
        risk = float((~answerable[answered]).mean())
        probability = 1.0 / (1.0 + np.exp(-at))
        refused = float((~answered[~answerable]).mean())
        held = float(answered[answerable].mean())
        lines.append(
            f"{probability:9.3f} {answered.mean():9.3f} {risk:6.3f} {held:6.3f} {refused:8.3f}"
        )
    return lines


def area(scores: Matrix, positive: NDArray[np.bool_]) -> float:
    """The area under the receiver operating curve: how often a positive is above a negative."""
    above = scores[positive][:, None] - scores[~positive][None, :]
    return float(((above > 0) + 0.5 * (above == 0)).mean())


if __name__ == "__main__":
    main()
