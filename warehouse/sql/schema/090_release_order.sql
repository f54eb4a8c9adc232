-- The ending of a file's name says nothing of its place among others: `a (1).csv` and `a v2.csv` come after `a.csv`.
UPDATE star.bridge_release_indicator SET release_order = regexp_replace(release_order, '\.[A-Za-z]+$', '')
WHERE release_order IS NOT NULL;
