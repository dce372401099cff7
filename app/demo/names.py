"""Words the generator puts names together from."""

from __future__ import annotations

import unicodedata

# Words apart by blanks; the keys are the cultures that regions name.
FIRST_NAMES = {
    "FR": "Camille Hugo Léa Louis Manon Jules Chloé Arthur Inès Gabriel Zoé Paul Sarah Adrien Louise Mehdi Claire",
    "DE": "Anna Lukas Lena Jonas Marie Felix Laura Max Julia Paul Katharina Tim Sophie Jan Hannah Moritz Eva Niklas",
    "GB": "Emma Oliver Amelia George Isla Harry Ava Jack Freya Oscar Grace Leo Ruby Thomas Alice James Nadia Callum",
    "ES": "Lucía Hugo Sofía Pablo Giulia Marco Beatriz Tiago Carmen Diego Chiara Luca Inês Rui Elena Sara Matteo",
    "NL": "Emma Daan Sanne Lars Femke Bram Lotte Sven Ingrid Mikkel Astrid Joris Fleur Erik Maja Anders Noor Thijs",
}
LAST_NAMES = {
    "FR": "Martin Bernard Dubois Laurent Moreau Girard Lefebvre Fontaine Rousseau Blanchard Guérin Faure Benali",
    "DE": "Müller Schneider Weber Wagner Becker Hoffmann Keller Vogel Brunner Huber Steiner Lang Krüger Yilmaz",
    "GB": "Smith Taylor Hughes Walker Patel Murphy Clarke Bennett Doyle Fraser Holmes Okafor Reid Sutton",
    "ES": "García Rossi Fernández Silva Moreno Bianchi Costa Navarro Ricci Pereira Romero Conti Vega Almeida",
    "NL": "de Jong Jansen Peeters Maes Lindberg Nielsen Visser Bakker Dahl Janssens Mulder Berg Claes Sørensen",
}
STEMS = (
    "Alvera Nordwind Castel Meridia Tolvan Brightwater Aurelis Kestrel Palmeta Vireo Sondrel Halden "
    "Orisis Lumanor Terrano Quillon Marovia Solenne Arkwell Bellamy Corvane Duneo Everlin Falken Grandel "
    "Helvar Isarne Jordane Kalmor Lindera Montara Nerval Opaline Pervane Ravello Santor Tirane Ulvera "
    "Valmont Westfold Xandria Ysolde Zephra Ambrel Boreal Cedrane Delmar Elbano Fjordan Galvane Hesper "
    "Ilmara Jasmond Karsten Lorient Mistral Navarre Olander Pontiva Rivenne"
)
INDUSTRIES = {
    "Software": ("Software", "Data", "Cloud", "Systems"),
    "Manufacturing": ("Industries", "Works", "Machines", "Metals"),
    "Retail": ("Stores", "Markets", "Home", "Fashion"),
    "Health": ("Health", "Pharma", "Clinics", "Care"),
    "Logistics": ("Logistics", "Freight", "Transport", "Shipping"),
    "Energy": ("Energy", "Power", "Solar", "Grid"),
    "Finance": ("Bank", "Insurance", "Capital", "Leasing"),
    "Public sector": ("City Services", "Water Board", "Schools", "Transit"),
}
"""Names of an industry's companies end with one of its words."""
UNITS = ("Services", "International", "Digital", "Distribution", "Research", "Solutions")
"""What subsidiaries of a group are called."""


def plain(name: str) -> str:
    """A name as it stands in an address: small letters without accents, points for spaces."""
    letters = unicodedata.normalize("NFKD", name.lower().replace("ø", "o").replace(" ", "."))
    return letters.encode("ascii", "ignore").decode()
