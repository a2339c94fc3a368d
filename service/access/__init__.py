"""Access: accounts of staff, tokens of applications and patients, and the caller of a request.

What a caller may see of an enrollment is decided in `enrollments`.
"""
