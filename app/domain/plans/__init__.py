"""What we intend: templates, plans written from them together, their reviews, campaigns and the library.

Owns templates (sections, rubric, bar), revenue, territory and account plans with their versions, submissions, reviews,
contributors and comments, campaigns that expect plans, and exemplary plans. Refuses to own figures that bind anybody:
promises are quotas. Other contexts read the resources, `queries`, and call `commands`.

Invariants: a template that a plan uses never changes; a plan holds only sections of its template, each of the section's
type; an approved plan is immutable and has at most one new version on its way; submissions, reviews and reminders are
only added; a section has at most one contributor, and only that one writes it; parts made by a cascade sum to their
plan exactly; a plan is reminded of at most once a day.
"""
