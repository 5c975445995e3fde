/** Our own words. Surnames are made up, so that nobody real is named. */
export const GIVEN_NAMES = words(
  'Ada Alba Amin Anouk Arlo Astrid Bao Bela Benno Brida Caspian Ciro Dara Dilan Edda Eero Elif Emre Esme Fadi Fenna Finn',
  'Freya Gaia Gil Hana Haru Hedda Idris Ilse Imani Ines Ivo Jalal Jara Joss Juna Kaia Kenji Kiran Lale Leif Lior Luz Maia',
  'Malik Mara Mette Milo Mirka Nadia Naoki Nils Noor Odile Okko Oona Otis Pia Priya Quill Rada Rafi Remy Rio Romy Runa Sami',
  'Sanne Saul Sena Signe Sol Sora Tariq Tess Tove Uma Una Vera Vito Wanda Wren Xenia Yara Yusuf Zadie Zeno Zora',
);

const SURNAME_STARTS = words('Ash Birch Bram Cedar Cinder Dusk Elm Fern Flint Frost Gorse Hazel Heath Iron Lark Maple Mist Moss Oak Pebble Quartz Raven Reed Rime Slate Sorrel Thistle Umber Vale Willow');
const SURNAME_ENDS = words('acre bank barrow bourne brook combe dale fell field gate grove haven holt lea marsh mere moor pike ridge shaw stead thorpe ward wick');

export const SURNAMES = SURNAME_STARTS.flatMap((start) => SURNAME_ENDS.map((end) => start + end));

export const TEAM_SUBJECTS = words(
  'Payments Checkout Billing Ledger Search Catalogue Identity Sessions Messaging Notifications Storage Streaming Warehouse Logistics',
  'Fulfilment Pricing Fraud Reporting Analytics Observability Networking Edge Build Release Mobile Web Desktop Accounts Partners Loyalty',
);
export const TEAM_NOUNS = words('Core Platform Services Reliability Delivery Operations Experience Data Tools Foundations');
export const DEPARTMENTS = words('Commerce Infrastructure Product Data Security Operations Finance Support Growth Research');

export const JOB_TITLES = {
  owner: ['Head of Reliability'],
  admin: ['Platform Administrator', 'Incident Programme Manager'],
  user: ['Engineering Manager', 'Service Owner', 'Operations Lead', 'Director of Engineering'],
  limited_user: ['Software Engineer', 'Site Reliability Engineer', 'Senior Engineer', 'Database Engineer', 'Network Engineer', 'Support Engineer'],
  observer: ['Delivery Manager', 'Quality Analyst'],
  restricted_access: ['Contractor', 'Vendor Engineer'],
  read_only_user: ['Product Manager', 'Customer Success Lead', 'Account Manager', 'Communications Lead'],
  read_only_limited_user: ['Business Analyst', 'Sales Representative', 'Legal Counsel'],
} as const;

export const SERVICE_ACCOUNTS = words('Deploy Terraform Backup Monitoring Status Chatops Inventory Audit');
export const COLORS = words('purple red green blue teal orange brown turquoise dark-slate-grey cayenne orange-red lime-green');
export const TIME_ZONES = words('America/Chicago America/New_York America/Los_Angeles Europe/London Europe/Berlin Asia/Kolkata Asia/Tokyo Australia/Sydney America/Sao_Paulo Etc/UTC');

function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}
