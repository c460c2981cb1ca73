"""From hits to an answer of verbatim sentences, each with a checked citation."""
