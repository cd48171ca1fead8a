"""What a node's console and a hub's have in common: who comes in, what a form sends, the site.

Whose console it is stands in a `Door`. A page is a module with functions from `Asked` to an answer
(`asking`), and a table of them; `app.answer_pages` puts them behind the guard.

    app          the pages of one console as routes; errors as pages
    asking       what a handler gets and what it answers
    door         by what one comes in, and whose site it is
    guard        who may ask: host, origin, session, token
    sign_in      signing in and out; sessions, attempts, passwords
    forms        a form's fields and files, with bounds
    frame        the site around a page
"""
