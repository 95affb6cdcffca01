"""The demonstration's books: old enough to belong to everybody."""

GENRES = {
    "adventure": "Adventure",
    "ghosts": "Ghosts & horror",
    "love": "Love & manners",
    "poetry": "Poetry & plays",
    "science": "Science & travel",
    "thought": "Thought",
    "wonder": "Wonder tales",
}

# title | author | born | died | year | genres | summary
BOOKS = """\
Middlemarch|George Eliot|1819|1880|1871|love thought|A whole town, and everyone in it wants to be somebody else.
The Mill on the Floss|George Eliot|1819|1880|1860|love|A sister, a brother and a river with the last word.
Pride and Prejudice|Jane Austen|1775|1817|1813|love|Two people are wrong about each other, at length and in good company.
Persuasion|Jane Austen|1775|1817|1817|love|Eight years too late is not too late, if the letter is good enough.
Emma|Jane Austen|1775|1817|1815|love|Nobody asked for a matchmaker.
Frankenstein|Mary Shelley|1797|1851|1818|ghosts science|A student skips the ethics lecture.
Jane Eyre|Charlotte Brontë|1816|1855|1847|love ghosts|There is someone in the attic, and it is not the landlord.
Wuthering Heights|Emily Brontë|1818|1848|1847|love ghosts|Weather, and people to match.
Great Expectations|Charles Dickens|1812|1870|1861|love|A boy, a convict, a wedding cake under cobwebs.
A Christmas Carol|Charles Dickens|1812|1870|1843|ghosts|An audit in three visits.
Bleak House|Charles Dickens|1812|1870|1853|thought|A lawsuit eats everyone who touches it.
Treasure Island|Robert Louis Stevenson|1850|1894|1883|adventure|A map, a parrot and a cook who should not be trusted.
Strange Case of Dr Jekyll and Mr Hyde|Robert Louis Stevenson|1850|1894|1886|ghosts|One flat, two tenants.
Kidnapped|Robert Louis Stevenson|1850|1894|1886|adventure|A long walk home through the heather.
Moby-Dick|Herman Melville|1819|1891|1851|adventure thought|A man has an argument with a whale.
Walden|Henry David Thoreau|1817|1862|1854|thought|Two years beside a pond; his mother did the laundry.
The Scarlet Letter|Nathaniel Hawthorne|1804|1864|1850|love thought|An initial too many.
Leaves of Grass|Walt Whitman|1819|1892|1855|poetry|A man hears a continent singing.
Little Women|Louisa May Alcott|1832|1888|1868|love|Four sisters and one burnt manuscript.
The Time Machine|H. G. Wells|1866|1946|1895|science wonder|Dinner guests are told about the year 802,701.
The War of the Worlds|H. G. Wells|1866|1946|1898|science ghosts|Visitors come to Woking. It does not go well for either.
Twenty Thousand Leagues Under the Seas|Jules Verne|1828|1905|1870|adventure science|The captain plays the organ.
Around the World in Eighty Days|Jules Verne|1828|1905|1872|adventure|A bet, a timetable and an elephant.
Journey to the Centre of the Earth|Jules Verne|1828|1905|1864|adventure science|Down, mostly.
The Count of Monte Cristo|Alexandre Dumas|1802|1870|1844|adventure|Fourteen years to plan it, eleven hundred pages to do it.
The Three Musketeers|Alexandre Dumas|1802|1870|1844|adventure|There are four.
Les Misérables|Victor Hugo|1802|1885|1862|thought|A loaf of bread has consequences.
Madame Bovary|Gustave Flaubert|1821|1880|1856|love|Reads too many novels; becomes one.
Anna Karenina|Leo Tolstoy|1828|1910|1877|love thought|Unhappy in its own way.
War and Peace|Leo Tolstoy|1828|1910|1869|thought adventure|Five families, one Napoleon.
Crime and Punishment|Fyodor Dostoevsky|1821|1881|1866|thought|The punishment starts first.
Dead Souls|Nikolai Gogol|1809|1852|1842|wonder thought|A businessman buys people who are no longer there.
Alice's Adventures in Wonderland|Lewis Carroll|1832|1898|1865|wonder|A rabbit is late.
Through the Looking-Glass|Lewis Carroll|1832|1898|1871|wonder|The same girl, the other way round.
Dracula|Bram Stoker|1847|1912|1897|ghosts|A house sale abroad, with complications.
The Picture of Dorian Gray|Oscar Wilde|1854|1900|1890|ghosts thought|The attic again.
The Importance of Being Earnest|Oscar Wilde|1854|1900|1895|poetry love|A handbag.
Faust|Johann Wolfgang von Goethe|1749|1832|1808|poetry thought|Read the small print.
Grimms' Fairy Tales|Jacob and Wilhelm Grimm|1785|1863|1812|wonder|Do not go into the wood. They go into the wood.
On the Origin of Species|Charles Darwin|1809|1882|1859|science thought|Pigeons, barnacles, everything.
The Voyage of the Beagle|Charles Darwin|1809|1882|1839|science adventure|Five years of seasickness and notes.
Sketches of the Physiology of Bridges|Anna Pontifex|1810|1889|1861|science wonder|A book that nobody ever wrote, but that a bridge library must have.
"""

READERS = ["reader", "ines", "tomas", "wren", "yusuf"]
PASSWORD = "library"
