"""How the text of a report is read: lines, words, dates, names, grades, sections."""
