-- Runs when: SELECT EXISTS (FROM meta.return_submission WHERE NOT is_current)
-- A submission that was sent again is withheld whole. Beside the one that stands, a count that differs by one tells of
-- one child, and so does the pattern where only such counts are withheld: it is the child's characteristics. Which
-- submissions came is told still. Should one stand again, it is worked out anew: nothing it was based on is known.

UPDATE star.fact_indicator AS f
SET "value" = NULL, numerator = NULL, denominator = NULL,
    value_status_code = CASE WHEN f.value_status_code IN (3, 4) THEN f.value_status_code ELSE 2 END
FROM meta.return_submission AS r
WHERE r.source_key = f.source_key AND NOT r.is_current
    AND (f."value", f.numerator, f.denominator) IS DISTINCT FROM (NULL, NULL, NULL);
UPDATE meta.return_rule AS v SET findings = NULL, findings_shown = 'c'
FROM meta.return_submission AS r
WHERE r.sha256 = v.sha256 AND NOT r.is_current AND v.findings > 0;
UPDATE meta.return_submission SET based_on = 'withheld' WHERE NOT is_current AND based_on <> 'withheld';
