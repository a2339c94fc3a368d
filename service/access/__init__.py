"""Who may call: accounts of staff, tokens of applications, and the caller of a request.

What a caller may see of an enrollment is decided in `enrollments`.
"""
