"""Made-up inspection reports of every known layout: for the demonstration and for tests against a known truth."""

from warehouse.samples.landing import make_landing

__all__ = ["make_landing"]
