"""Finds the encoder that a setting names."""

from __future__ import annotations

from pathlib import Path

from kb.encoding.encoder import Encoder
from kb.encoding.static import StaticEncoder
from kb.encoding.transformer import TransformerEncoder
from kb.encoding.words import WordEncoder, WordTable
from kb.errors import EncoderError

BUNDLED = "bundled"
BUNDLED_DIRECTORY = Path(__file__).parent / "model"
_MANIFEST = "encoder.json"
_WORDS = WordTable()  # read when the first word is asked for, for all generations


def load_encoder(
    name: str = BUNDLED, *, query_prefix: str | None = None, passage_prefix: str | None = None
) -> Encoder:
    """The bundled encoder, a directory made by training.train, or a sentence-transformers model.

    Prefixes are for sentence-transformers models; where none is given the known one of the model
    family is used. Raises EncoderError if the encoder cannot be had.
    """
    directory = BUNDLED_DIRECTORY if name == BUNDLED else Path(name)
    if name == BUNDLED or (directory / _MANIFEST).is_file():
        if query_prefix or passage_prefix:
            raise EncoderError(f"encoder {name!r} takes no prefixes")
        return StaticEncoder.load(directory)
    return TransformerEncoder.load(name, query_prefix=query_prefix, passage_prefix=passage_prefix)


def word_encoder(encoder: Encoder) -> WordEncoder:
    """What encodes single words beside an encoder.

    It is the bundled encoder that does so beside a sentence-transformers model, to which a word
    alone says little and which would take seconds for the words of a page.
    """
    own = load_encoder() if isinstance(encoder, TransformerEncoder) else encoder
    return WordEncoder(own, _WORDS)
