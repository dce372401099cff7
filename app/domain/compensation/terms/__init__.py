"""What a component of a plan can say, one module per choice: its terms, what is unsound about them, and their words.

Terms are pydantic models of the plan document. `findings` names what is wrong with them at their pointers, `words` says
them as a seller reads them. What they pay is calculated by the steps in `calculation`.
"""
