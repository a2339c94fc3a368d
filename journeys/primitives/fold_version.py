"""The version of the fold (fold.md); what an earlier one has folded is folded again after an upgrade."""

FOLD_VERSION = 4
