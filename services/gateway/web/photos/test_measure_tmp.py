from services.gateway.web.uploading.test_uploading import Gate
from tests.browser.fixtures import Studio
from tests.e2e.people import Photographer


async def test_cost(studio: Studio, photographer: Photographer) -> None:
    desk = await photographer.open_gallery()
    page = await studio("/galleries")
    cdp = await page.context.new_cdp_session(page)
    await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    async def metrics():
        return {m["name"]: m["value"] for m in (await cdp.send("Performance.getMetrics"))["metrics"]}
    async def cost(label, action, wait=3000):
        a = await metrics(); await action(); await page.wait_for_timeout(wait); b = await metrics()
        print(label, {k: round(1000*(b[k]-a[k])) for k in ("TaskDuration","ScriptDuration","LayoutDuration","RecalcStyleDuration")}, "nodes", int(b["Nodes"]), "heap", round(b["JSHeapUsedSize"]/1e6))
    await page.goto(f"/galleries/{desk.id}/photos")
    gate = Gate(page)
    await gate.hold()
    await page.wait_for_timeout(2000)
    await page.add_init_script("")
    await page.evaluate("""window.longs = []; new PerformanceObserver((list) => { for (const e of list.getEntries()) longs.push(Math.round(e.duration)); }).observe({type: "longtask"});""")
    async def drop():
        await page.evaluate("""() => {
            window.dataTransfer = new DataTransfer();
            for (let i = 0; i < 3000; i++) dataTransfer.items.add(new File(["abc"], `IMG_${i}.jpg`, { type: "image/jpeg" }));}""")
    await cost("making 3000 Files", drop)
    async def add():
        await page.evaluate("""document.querySelector("main").dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }))""")
        await page.get_by_text("waiting").wait_for()
    await page.evaluate("longs.splice(0)")
    await cost("adding 3000", add, 5000)
    print(await page.evaluate("longs.splice(0)"))
    print(await page.locator("[data-part=counts]").inner_text())
    await cost("held 3 s", lambda: page.wait_for_timeout(1))
    gate.opened.set()
    await page.unroute_all(behavior="ignoreErrors")
    await cost("sending 20 s", lambda: page.wait_for_timeout(1), 20000)
    print(await page.evaluate("longs.splice(0)"))
    print(await page.locator("[data-part=title]").inner_text(), await page.locator("[data-part=counts]").inner_text())
    await cost("sending 20 s", lambda: page.wait_for_timeout(1), 20000)
    await cost("cancel", lambda: page.get_by_role("button", name="Cancel upload").click(), 1000)
    print(await page.evaluate("longs.splice(0)"))
