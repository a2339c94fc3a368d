"""Caregivers: invited by the patient, or by staff with evidence; what each may see is `journeys.permission.caregivers`.

Their rows are in `service.access.store`, because every call with their token reads what they may see.
"""
