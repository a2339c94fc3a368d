"""Input from other systems into enrollments: FHIR bundles, and rows of tables.

Reading a format is the core's `journeys.interop`.
"""
