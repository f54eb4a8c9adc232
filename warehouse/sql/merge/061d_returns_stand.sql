-- Runs when: SELECT EXISTS (FROM meta.return_submission)
-- Values of a return are the latest while its submission stands, whether or not a later one gives each again.

UPDATE star.fact_indicator AS f SET is_latest = r.is_current
FROM meta.return_submission AS r
WHERE r.source_key = f.source_key AND f.is_latest <> r.is_current;
