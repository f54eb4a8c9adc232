-- What still holds ends on 9999-12-31 everywhere, not here on that day and there on none: `valid_to > day` finds it.
UPDATE star.dim_framework SET valid_to = DATE '9999-12-31' WHERE valid_to IS NULL;
UPDATE star.dim_judgement_area SET valid_to = DATE '9999-12-31' WHERE valid_to IS NULL;
