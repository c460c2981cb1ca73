"""Where sources state different things of what a question asks: dates, amounts, names, scope."""
