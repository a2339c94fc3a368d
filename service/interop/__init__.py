"""Input from other systems into enrollments: FHIR bundles.

Reading a format is the core's `journeys.interop`.
"""
