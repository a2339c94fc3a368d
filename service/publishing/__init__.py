"""What patients may be shown: publishing files, approvals, review comments, and the servable content.

Patients are not known here.
"""
