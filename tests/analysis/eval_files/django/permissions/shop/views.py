from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.http import HttpResponse
from django.views.generic import View


def asked(request):
    request.user.has_perm("shop.add_book")  # expect: WB214 django.http.HttpRequest.user via ANY /asked/; WB212 django.contrib.auth.models.PermissionsMixin.has_perm via ANY /asked/
    return HttpResponse("")


@permission_required("shop.add_book")
def decorated(request):  # expect: WB212 django.contrib.auth.models.PermissionsMixin.has_perm via ANY /decorated/
    return HttpResponse("")


class Mixin(PermissionRequiredMixin, View):  # expect: WB212 django.contrib.auth.models.PermissionsMixin.has_perm via GET /mixin/
    permission_required = "shop.add_book"

    def get(self, request):
        return HttpResponse("")


class Own(PermissionRequiredMixin, View):  # ok
    def has_permission(self):
        return True

    def get(self, request):
        return HttpResponse("")
