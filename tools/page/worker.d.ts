/** What the server puts before the service worker's text (hubbub/server/http/page.py). */
declare const VERSION: string;
declare const FILES: string[];
