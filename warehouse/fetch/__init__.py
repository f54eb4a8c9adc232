"""Bringing new material from other services into the landing zone; switched off unless set otherwise.

A connector knows where a service lists what it publishes; `run` decides what of it is new, fetches
that politely (`client`), looks at the content (`content`) and lays it down whole with a JSON file
beside it (`deposit`). What was fetched when is kept in a record of its own (`record`). Nothing
here parses a report or a statistic: what a load makes of a file is decided when it is loaded.
"""
