"""The shape of the value that a question asks for."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ValueOut(BaseModel):
    """The date, amount, name or list that is asked for, `[start:end]` of a cited document."""

    text: str
    citation: int = Field(description="The number of the citation in whose quotation it stands.")
    start: int
    end: int
