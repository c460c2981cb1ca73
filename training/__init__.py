"""Training of the bundled text encoder; nothing here is needed to run Kido."""
