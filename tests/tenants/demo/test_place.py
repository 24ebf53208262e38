from pathlib import Path

from tenants.demo.place import Place


def test_each_port_has_data_of_its_own(tmp_path: Path) -> None:
    assert Place(tmp_path, 8000).folder != Place(tmp_path, 9000).folder


def test_a_page_lives_on_another_origin_than_its_api(place: Place) -> None:
    assert place.api("acme") == "http://acme.localhost:8000"
    assert place.page("acme") == "http://app.acme.localhost:8001"


def test_the_variables_hold_whatever_folder_the_reader_is_in() -> None:
    place = Place(Path(".demo"), 8000)
    assert place.environment["TENANTAUTH_DATABASE_URL"].startswith(f"sqlite:///{Path.cwd()}")
    assert Path(place.environment["TENANTAUTH_MASTER_KEY_FILE"]).is_absolute()


def test_settings_are_those_that_the_variables_make(place: Place) -> None:
    assert place.settings.base_host == "localhost"
    assert place.settings.database_url == place.environment["TENANTAUTH_DATABASE_URL"]
