"""Made-up inspection reports of every known layout: for the demonstration and for tests against a known truth."""
