import { Hono } from 'hono'
import * as z from 'zod'
import { counted } from '../../app/answer.js'
import { uploadSpec, type UploadResult } from '../../app/upload-spec.js'
import type { Principal } from '../../catalog/principal.js'
import { InputError, UnavailableError } from '../../errors.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { mustWrite } from './guards.js'
import { html, type Html } from './html.js'
import { link, specPath } from './links.js'
import { formLimit, formOf } from './query.js'
import { showPage } from './show-page.js'
import { warningTable } from './warning-table.js'

const form = z.object({
  /** Browsers send an empty one where no file was chosen. */
  file: z
    .instanceof(File)
    .optional()
    .transform((file) => (file && file.size > 0 ? file : undefined)),
  /** Browsers send line ends as CR LF, whatever was pasted. */
  content: z
    .string()
    .optional()
    .transform((text) => text?.replaceAll('\r\n', '\n')),
  url: z.string().optional(),
  catalog: z.string().optional(),
  name: z.string().optional(),
})

type Form = z.infer<typeof form>

/** `/upload`: takes a document that is dropped, pasted or, where it is allowed, named by its URL. */
export function uploadPage(context: HttpContext): Hono<HttpEnv> {
  const title = 'Upload'
  return new Hono<HttpEnv>()
    .use('/upload', mustWrite)
    .get('/upload', (c) =>
      showPage(c, context, { title, section: 'upload', body: formView(c.get('principal')) }),
    )
    .post('/upload', formLimit(context.maxBodyBytes), async (c) => {
      const principal = c.get('principal')
      const asked = await formOf(c, form)
      try {
        const services = await context.app.services()
        const { structured } = await uploadSpec(services, principal, await inputOf(asked))
        const body = resultView(structured)
        return await showPage(c, context, { title: 'Uploaded', section: 'upload', body })
      } catch (error) {
        if (!(error instanceof InputError || error instanceof UnavailableError)) throw error
        const body = formView(principal, asked)
        const notice = error.message
        return showPage(c, context, { title, section: 'upload', notice, isError: true, body }, 400)
      }
    })
}

/** What was given, as the use case takes it, which wants one document and says so. */
async function inputOf({ file, content, url, catalog, name }: Form) {
  const given = [file, content, url].filter((way) => way !== undefined)
  if (given.length !== 1) {
    throw new InputError('Give one document: a file, or its text, or its URL.')
  }
  return {
    ...(url === undefined ? {} : { url }),
    ...(content === undefined ? {} : { content }),
    ...(file === undefined ? {} : { content: new Uint8Array(await file.arrayBuffer()) }),
    catalog,
    name,
  }
}

function formView({ sources }: Principal, given: Partial<Form> = {}): Html {
  return html`<h1>Upload</h1>
    <form class="upload" method="post" action="/upload" enctype="multipart/form-data">
      <label class="drop"
        >Drop an OpenAPI document here, JSON or YAML, or a zip of one API’s files, or choose it
        <input type="file" name="file" />
      </label>
      <label
        >Or paste its text
        <textarea name="content" rows="6" spellcheck="false">${given.content ?? ''}</textarea>
      </label>
      ${
        sources.includes('url')
          ? html`<label
              >Or its URL
              <input type="url" name="url" value="${given.url ?? ''}" placeholder="https://" />
            </label>`
          : html`<p>
              <small
                >This server fetches no URLs for those who come over HTTP; API_CATALOG_HTTP_URLS=on
                allows it.</small
              >
            </p>`
      }
      <div class="filter">
        <label
          >Catalog
          <input name="catalog" value="${given.catalog ?? ''}" placeholder="default" />
        </label>
        <label
          >Name
          <input name="name" value="${given.name ?? ''}" placeholder="made of its title" />
        </label>
      </div>
      <button>Upload</button>
    </form>`
}

function resultView(result: UploadResult): Html {
  const { catalog, spec, outcome, revision, operation_count: count, changes } = result
  return html`<h1>${spec}</h1>
    <p>
      <strong>${outcome === 'unchanged' ? 'Unchanged' : `Taken, ${outcome}`}</strong>: revision
      ${revision},
      ${counted(count, 'operation')}${
        outcome === 'revised'
          ? `; ${changes.added} added, ${changes.removed} removed, ${changes.changed} rewritten`
          : ''
      }.
      ${result.job ? 'It is found by its words now, and by meaning as embedding goes on.' : ''}
    </p>
    <p class="actions">
      <a role="button" href="${specPath({ catalog, spec })}">See the spec</a>
      <a role="button" class="secondary" href="${link('/search', { catalog, spec })}"
        >Search in it</a
      >
      <a role="button" class="outline secondary" href="/upload">Upload another</a>
    </p>
    ${warningTable(result.warnings, result.warning_count)}`
}
