"""What an index is made of: rows (SQLite), postings (tantivy), vectors (FAISS), generations."""
