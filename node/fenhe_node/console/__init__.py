"""The unit's console (管理台): pages for its own staff, on a listener of their own. Start at `app`.

A page is a module with functions from `Asked` to an answer (`asking`), and a table of them:

    def show(asked: Asked) -> Answer:
        return Page("console/fees.html", {"lines": lines})
    def save(asked: Asked) -> Answer:                       # its form's token is checked before
        return GoTo("/fees", f"已保存 {asked.form.text('id')}; saved")
    ROUTES: Routes = (("GET", "/fees", show), ("POST", "/fees", save))

Then name the module in `app.PAGES`; its tab stands in `navigation` and shows once its path has a
route. A function runs in a thread (open the store there); an `async def` runs in the loop. What it
raises as FenheError becomes a page that says what to mend. `asked.by` is who did it.

The template, in `templates/console/`, without scripts (none run):

    {% extends "console/frame.html" %}
    {% block title %}收费{% endblock %}
    {% block main %}<h1>收费 <small lang="en">Fees</small></h1>
    <form method="post" action="/fees">{{ token }} … </form>{% endblock %}

Blocks: `title`, `main`, `aside` (a column at the right). Macros in `console/parts.html`: `pages`
(turning pages), `field` (a labelled input). Uploads: `asked.form.uploads["file"]` is an
`Upload(name, path, size)`; the file is gone when the handler returns. `Download` answers a file.

What a page decides has a module of its own beside it, which is pure: `dues` for `today`,
`record_list` for `records`, `record_form` and `record_fields` for `record`.

    app          all routes of all pages
    asking       what a handler gets and what it answers
    listening    the console's own listener, opened by `serve`

Who may come in, forms and the site around a page are `fenhe_client.console`, which the hub's
console has in common with this one.
"""
