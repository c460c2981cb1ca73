"""The SQL schema of the store, and its format number."""

from __future__ import annotations

# Raised whenever an index written before can no longer be read.
STORE_FORMAT = 6

# What is asked of many rows stands before what is long: SQLite goes through the pages of a long
# value to get at what is behind it.
SCHEMA = """
CREATE TABLE documents (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    path TEXT NOT NULL UNIQUE,
    sha256 TEXT NOT NULL,
    state TEXT NOT NULL,        -- digest of all that the rows of the document depend on
    format TEXT NOT NULL,
    issued TEXT,                -- ISO date, shortened to what is known
    publisher TEXT,
    characters INTEGER NOT NULL, -- of the text, which SQLite counts only up to a NUL
    passages INTEGER NOT NULL,  -- how many
    pages INTEGER NOT NULL,     -- how many, 0 without pages
    quality REAL NOT NULL,
    warnings TEXT NOT NULL,     -- JSON list
    metadata TEXT NOT NULL,     -- CSL-JSON item
    facts TEXT NOT NULL,        -- JSON: the facts that were drawn from its text
    structure TEXT NOT NULL,    -- JSON: blocks, sections, pages, quality, warnings
    text TEXT NOT NULL          -- the stored text
) STRICT;
CREATE TABLE passages (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    document INTEGER NOT NULL REFERENCES documents(row),
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    heading_path TEXT NOT NULL, -- JSON list
    first_page INTEGER,
    last_page INTEGER,
    kind TEXT NOT NULL,
    facets TEXT NOT NULL,       -- what it is about: topic:controls country:china …
    vector_key BLOB NOT NULL,   -- digest of the encoder and the text that it encoded
    words TEXT NOT NULL,        -- normalized short units, parted by spaces
    compounds TEXT NOT NULL,    -- normalized long units
    bigrams TEXT NOT NULL,      -- folded character pairs
    concepts TEXT NOT NULL,     -- ids of the glossary's concepts, one a mention
    marks TEXT NOT NULL         -- where its sentences end and concepts stand, by tokens
) STRICT;
CREATE INDEX passages_of_document ON passages(document, start);
CREATE INDEX passages_of_vector ON passages(vector_key);
CREATE TABLE vectors (
    key BLOB PRIMARY KEY,
    vector BLOB NOT NULL        -- float16, little-endian
) STRICT, WITHOUT ROWID;
CREATE TABLE rejected (
    path TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    message TEXT NOT NULL,
    state TEXT NOT NULL         -- digest of what was tried, empty where nothing could be read
) STRICT, WITHOUT ROWID;
CREATE TABLE aliases (
    path TEXT PRIMARY KEY,      -- of a file with the same bytes as the document's
    document INTEGER NOT NULL REFERENCES documents(row)
) STRICT, WITHOUT ROWID;
CREATE TABLE sketches (
    document INTEGER PRIMARY KEY REFERENCES documents(row),
    signature BLOB NOT NULL,    -- MinHash of the sentences
    sentences BLOB NOT NULL     -- digests of the folded sentences, each once, in order
) STRICT;
CREATE TABLE near_duplicates (  -- each pair both ways
    a INTEGER NOT NULL REFERENCES documents(row),
    b INTEGER NOT NULL REFERENCES documents(row),
    similarity REAL NOT NULL,
    PRIMARY KEY (a, b)
) STRICT, WITHOUT ROWID;
CREATE TABLE versions (         -- documents as they were before they were changed or removed
    document_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,       -- of the file
    text BLOB NOT NULL REFERENCES version_texts(key),
    path TEXT NOT NULL,
    format TEXT NOT NULL,
    structure BLOB NOT NULL,    -- JSON, zlib
    metadata TEXT NOT NULL,
    generation TEXT NOT NULL,   -- the last that had it
    PRIMARY KEY (document_id, sha256, text)
) STRICT, WITHOUT ROWID;
CREATE TABLE version_texts (
    key BLOB PRIMARY KEY,       -- SHA-256 of the text
    text BLOB NOT NULL          -- UTF-8, zlib
) STRICT, WITHOUT ROWID;
"""
