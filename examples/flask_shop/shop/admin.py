"""The back office: figures, products and their pictures, the export and the import."""

import csv
import datetime
import hashlib
import io
import os

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from werkzeug.utils import secure_filename

from . import audit, catalogue, settings
from .models import Order, Product, db

bp = Blueprint("admin", __name__, url_prefix="/admin")
PICTURE_TYPES = {".png", ".jpg", ".jpeg", ".gif", ".webp"}  # no SVG from strangers: it can carry scripts
BLOCK = 64 * 1024  # bytes


@bp.before_request
def admins_only():
    if g.user is None or not g.user.is_admin:
        abort(403, "This door is for the staff.")


@bp.get("/")
def dashboard():
    """Figures from Python loops over all orders: each total costs a query."""
    orders = Order.query.order_by(Order.id.desc()).all()
    actions = [(datetime.datetime.fromtimestamp(at), *rest) for at, *rest in audit.latest_actions()]
    return render_template(
        "admin/dashboard.html",
        revenue=sum(order.total_cents for order in orders),
        orders=orders,
        products=Product.query.order_by(Product.stock).all(),
        pages=audit.busiest_pages(),
        actions=actions,
        disk=_folder_size(settings.INSTANCE),
    )


@bp.route("/products/<slug>", methods=["GET", "POST"])
def product(slug):
    found = Product.query.filter_by(slug=slug).first_or_404()
    if request.method == "GET":
        return render_template("admin/product.html", product=found)
    found.name = request.form.get("name") or found.name
    found.cents = round(request.form.get("price", found.cents / 100, type=float) * 100)
    found.stock = request.form.get("stock", found.stock, type=int)
    upload = request.files.get("picture")
    if upload and upload.filename:
        name = "%s-%s" % (slug, secure_filename(upload.filename))
        _check_type(name)
        upload.save(os.path.join(settings.PICTURES, name))
        found.picture = name
    _changed(found)
    flash("%s is saved." % found.name, "success")
    return redirect(url_for("admin.product", slug=slug))


@bp.put("/products/<slug>/picture")
def replace_picture(slug):
    """A picture as the bare request body, of any length, written as it comes in. For scripts."""
    found = Product.query.filter_by(slug=slug).first_or_404()
    name = "%s-%s" % (slug, secure_filename(request.args.get("name", "picture.png")))
    _check_type(name)
    digest, size = hashlib.sha256(), 0
    with open(os.path.join(settings.PICTURES, name), "wb") as target:
        while block := request.stream.read(BLOCK):
            digest.update(block)
            size += target.write(block)
    found.picture = name
    _changed(found)
    return jsonify(picture=name, size=size, sha256=digest.hexdigest())


@bp.post("/stock-import")
def import_stock():
    """Lines of `slug,stock`, as a bare body: a query, a write and a commit for each line."""
    changed, unknown = 0, []
    for raw in request.stream:
        slug, _, stock = raw.decode().strip().partition(",")
        found = Product.query.filter_by(slug=slug).first()
        if found is None or not stock.isdigit():
            unknown.append(slug)
            continue
        found.stock = int(stock)
        _changed(found)
        changed += 1
    return jsonify(changed=changed, unknown=unknown)


@bp.get("/orders.csv")
def export_orders():
    """All order lines as CSV, streamed: three lazy loads for each line while the client waits."""
    head = {"Content-Disposition": "attachment; filename=orders.csv"}
    return Response(stream_with_context(_csv_rows()), mimetype="text/csv", headers=head)


def _csv_rows():
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["order", "placed", "customer", "product", "category", "quantity", "cents"])
    for order in Order.query.order_by(Order.id):
        for line in order.lines:
            placed, customer = order.placed.isoformat(), order.user.email
            goods = line.product
            writer.writerow(
                [order.number, placed, customer, goods.name, goods.category.name, line.quantity, line.cents]
            )
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _changed(product):
    db.session.commit()
    catalogue.forget()
    audit.record("product", product.slug)


def _check_type(name):
    if os.path.splitext(name)[1].lower() not in PICTURE_TYPES:
        abort(403, "A picture is one of: %s." % ", ".join(sorted(PICTURE_TYPES)))


def _folder_size(folder):
    """Bytes in all files below `folder`: a walk over the disk for a figure nobody reads."""
    walk = ((root, name) for root, _, names in os.walk(folder) for name in names)
    return sum(os.path.getsize(os.path.join(root, name)) for root, name in walk)
