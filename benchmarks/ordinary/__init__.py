"""The ordinary way of doing what is measured, over the product's tables: FastAPI with SQLModel and response models, and
strawberry with the ORM and data loaders. It answers with the same facts, which is checked before anything is timed.
"""
