"""The hub's pages for people, rendered on the server, whole without scripts. Start at `routes`.

A page asks what the API asks and shows what the API answers: `pages` has the machinery, a module
for each page makes what its template needs, `values` turns bodies into words by the labels of the
schema. Chinese stands first, English second and smaller. No page loads anything from elsewhere.
"""
