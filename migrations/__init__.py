"""The schema's history: one dated file per change in `versions`, written as plain SQL, never edited once released."""
