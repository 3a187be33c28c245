// A frame that shows something of a project without giving tasks: its links are followed here, within the project only.

const guest = document.getElementById("guest");
const frame = guest.querySelector("iframe");

addEventListener("message", (event) => {
  const message = event.data;
  if (event.source !== frame.contentWindow || message?.workbee !== guest.dataset.channel || message.method !== "navigate") return;
  const target = new URL(message.args.href, location.href);
  if (target.origin !== location.origin) open(target, "_blank", "noopener");
  else if (target.pathname.startsWith(guest.dataset.home)) location.assign(target);
});
