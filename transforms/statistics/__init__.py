"""Published statistics: any tidy table of places, periods, filters and indicators to observations."""
