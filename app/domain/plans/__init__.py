"""What we intend: plan templates, plans written from them, and their reviews.

Owns templates (sections, rubric, bar), revenue, territory and account plans with their versions, and reviews. Refuses
to own figures that bind anybody: promises are quotas. Other contexts read the resources and call `commands`.

Invariants: a template that a plan uses never changes; a plan holds only sections of its template, each of the section's
type; an approved plan is immutable and has at most one new version on its way; reviews are only added.
"""
